/**
 * Returns the lines that begin the blocks around a line, innermost first, as the indentation tells: a loop whose head changed runs
 * its unchanged body more often. Lines count from one.
 */
export function headersAround(lines: readonly string[], line: number): readonly number[] {
  const found: number[] = [];
  let depth = indentOf(lines[line - 1] ?? '');
  for (let at = line - 1; at >= 1 && depth > 0; at--) {
    const text = lines[at - 1] ?? '';
    if (text.trim() === '' || indentOf(text) >= depth) continue;
    depth = indentOf(text);
    // The end of another block is no head.
    if (/[({[]\s*$|=>\s*$|^\s*(?:for|while|if|else|do)\b/.test(text)) found.push(at);
  }
  return found;
}

const tabWidth = 4;

const indentOf = (text: string): number => (/^\s*/.exec(text)?.[0] ?? '').replaceAll('\t', ' '.repeat(tabWidth)).length;
