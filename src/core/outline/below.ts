import type { Range } from '../problem.js';
import type { Symbol } from './symbols.js';

/** How many characters below a comment to look for its function if no parser knows the language. */
const nearby = 2_000;

/**
 * Finds the name of the function that a comment is about: the one declared right below it; if code stands before it on its line,
 * the one on that line; else the one around it. Null if there is none. `symbols` is the file's outline, or null if the language
 * has none: then it is the first name before a parenthesis on the next line of code, or else that line.
 */
export function functionBelow(text: string, symbols: readonly Symbol[] | null, comment: Range): Range | null {
  if (symbols === null) return lineBelow(text, comment);
  const lineStart = text.lastIndexOf('\n', comment.start - 1) + 1;
  const isAfterCode = !isBlank(text.slice(lineStart, comment.start));
  const ofLine = symbols.findLast(({ nameRange: { start } }) => start >= lineStart && start < comment.start);
  if (isAfterCode && ofLine !== undefined) return ofLine.nameRange;
  const next = symbols.find(({ nameRange }) => nameRange.start > comment.end);
  if (!isAfterCode && next !== undefined) {
    const start = Math.max(comment.end, Math.min(next.range.start, next.nameRange.start));
    // `export default async`, `static` or `const` may stand there, but no other statement.
    if (!/[;{}]/.test(withoutComments(text.slice(comment.end, start)))) return next.nameRange;
  }
  const around = symbols.filter(({ range }) => range.start <= comment.start && comment.end <= range.end);
  // The innermost is the one that begins last.
  return around.at(-1)?.nameRange ?? null;
}

/** Whether `before` has only the marks that open a comment or lead one of its lines. */
const isBlank = (before: string): boolean => /^\s*(?:\/\/+!?|\/\*+!?|\*+|#+!?|--+(?:\[\[)?|<!--|""")?\s*$/.test(before);

/** Removes comments. `text` begins inside a comment, at the end of one of its lines. */
function withoutComments(text: string): string {
  const close = text.indexOf('*/');
  const open = text.indexOf('/*');
  const rest = close !== -1 && (open === -1 || close < open) ? text.slice(close + 2) : text;
  return rest.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '');
}

function lineBelow(text: string, { end }: Range): Range | null {
  const near = text.slice(end, end + nearby);
  let start = near.indexOf('\n') + 1;
  while (start > 0) {
    const newline = near.indexOf('\n', start);
    const line = near.slice(start, newline === -1 ? undefined : newline);
    const code = line.trim();
    if (code !== '' && !/^(?:\/[/*]|\*|#(?!\[)|--|<!--|"""|\]\]|@|#\[)/.test(code)) {
      const name = /[\p{L}_$][\p{L}\p{N}_$?!]*(?=\s*[(<])/u.exec(line);
      const at = end + start + (name?.index ?? line.length - line.trimStart().length);
      return { start: at, end: at + (name?.[0].length ?? code.length) };
    }
    start = newline + 1;
    if (newline === -1) return null;
  }
  return null;
}
