import type { Code } from './code.js';
import type { FunctionUnits } from './units.js';

/** What V8 puts before the pattern of a regular expression. */
const expression = 'RegExp: ';

/**
 * Returns the line of a function that calls the built-in code which takes the time of it, for V8 tells only the function: the only
 * line that the user changed and that calls something; otherwise the only line that names what was called. Null if there are
 * several, or none.
 */
export function nativeCallLine(owner: FunctionUnits, code: Code, changed: ReadonlySet<number>): number | null {
  const { file, path } = owner;
  const [first, last] = code.lineRange(file, path);
  const lines = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
  const own = lines.filter((line) => changed.has(line) && /[(`[]|\/.*\//.test(code.text(file, line)));
  if (own.length === 1) return own[0] ?? null;
  const counts = new Map<string, number>();
  for (const { called, count } of owner.ticks)
    if (called !== null) counts.set(called, (counts.get(called) ?? 0) + count);
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
  if (most === undefined) return null;
  const [name] = most;
  const text = name.startsWith(expression) ? name.slice(expression.length) : `${name}(`;
  const naming = lines.filter((line) => code.text(file, line).includes(text));
  return naming.length === 1 ? (naming[0] ?? null) : null;
}
