import type { Code } from './code.js';
import { diffLines } from './line-diff.js';

/** A line of a file, from one. */
export interface Line {
  readonly file: string;
  readonly line: number;
}

/** A region that the user changed: the old lines that are gone, and the new ones in their place; either may be empty. */
export interface Change {
  readonly old: readonly Line[];
  readonly now: readonly Line[];
}

export interface MatchedLines {
  /** The line of the current code that an old line is, unchanged, wherever it is now; null if it is gone. */
  readonly newOf: (line: Line) => Line | null;
  /** What the user changed, without lines that only moved. */
  readonly changes: readonly Change[];
}

const key = ({ file, line }: Line): string => `${line}\n${file}`;

/** Whether a line says enough to be recognized elsewhere: not a brace alone. */
const isTelling = (text: string): boolean => /[\p{L}\p{N}_$].*[\p{L}\p{N}_$]/u.test(text);

/**
 * Matches the lines of the old code with those of the current code: by a diff of each file, then, of what is left, by equal text, so
 * that a function that was moved, renamed, split, or taken into its caller keeps the lines that it had. `files` are those that
 * matter, of either side.
 */
export function matchLines(files: Iterable<string>, old: Code, current: Code): MatchedLines {
  const maps = new Map<string, ReturnType<typeof diffLines>>();
  const changes: { old: Line[]; now: Line[] }[] = [];
  for (const file of files) {
    const [before, after] = [old.lines(file), current.lines(file)];
    const map = diffLines(before.join('\n'), after.join('\n'));
    maps.set(file, map);
    changes.push(...changesIn(file, before.length, after.length, map));
  }
  const moved = new Map<string, Line>();
  const gone = new Map<string, Line[]>();
  for (const { old: lines } of changes)
    for (const line of lines) {
      const text = old.text(line.file, line.line);
      if (isTelling(text)) gone.set(text, [...(gone.get(text) ?? []), line]);
    }
  const whole = changes.map(({ old: before, now }) => ({
    old: before,
    now: now.filter((line) => {
      const from = gone.get(current.text(line.file, line.line))?.shift();
      if (from === undefined) return true;
      moved.set(key(from), line);
      return false;
    }),
  }));
  return {
    newOf: (line) => {
      const to = moved.get(key(line));
      if (to !== undefined) return to;
      const same = maps.get(line.file)?.newOf(line.line) ?? null;
      return same === null ? null : { file: line.file, line: same };
    },
    changes: whole.flatMap(({ old: before, now }) => {
      const left = before.filter((line) => !moved.has(key(line)));
      return left.length === 0 && now.length === 0 ? [] : [{ old: left, now }];
    }),
  };
}

/** Returns the regions between the lines that both texts have. */
function changesIn(
  file: string,
  olds: number,
  news: number,
  { oldOf, newOf }: ReturnType<typeof diffLines>,
): { old: Line[]; now: Line[] }[] {
  const found: { old: Line[]; now: Line[] }[] = [];
  for (let before = 1, after = 1; before <= olds || after <= news;) {
    if (before <= olds && after <= news && oldOf(after) === before) {
      before++;
      after++;
      continue;
    }
    const change: { old: Line[]; now: Line[] } = { old: [], now: [] };
    while (before <= olds && newOf(before) === null) change.old.push({ file, line: before++ });
    while (after <= news && oldOf(after) === null) change.now.push({ file, line: after++ });
    if (change.old.length + change.now.length === 0) break;
    found.push(change);
  }
  return found;
}
