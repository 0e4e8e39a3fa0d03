/** Whether what was named is right, and what `npm run bench:cause` prints of it. */
import { percentile } from '../../../src/core/stats/stats.js';

export interface NamedCause {
  readonly kind: string;
  readonly function: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

export interface Expected {
  /** All names that the function has. */
  readonly functions: readonly string[];
  readonly file: string;
  readonly lines: readonly number[];
}

/** One question to the product. */
export interface Asked {
  readonly module: string;
  readonly change: string;
  /** Of a slowdown what it consists of; null for a change that costs nothing. */
  readonly kind: string | null;
  readonly size: number | null;
  readonly expected: readonly Expected[];
  readonly verdict: string;
  readonly ratio: number | null;
  /** In the order of the product. */
  readonly causes: readonly NamedCause[];
  /** From the verdict to the causes; null if there was no answer. */
  readonly causesMs: number | null;
  /** What went wrong instead of an answer. */
  readonly error: string | null;
}

export type Found = 'line' | 'function' | 'wrong' | 'nothing';

/** How good the first cause is: the right line (±1), at least the right function, another place, or none at all. */
export function foundBy({ expected, causes: [first] }: Asked): Found {
  if (first === undefined) return 'nothing';
  const here = expected.filter(
    ({ file, functions }) => file === first.file && functions.includes(first.function ?? ''),
  );
  if (here.length === 0) return 'wrong';
  const { line } = first;
  return line !== null && here.some(({ lines }) => lines.some((right) => Math.abs(right - line) <= 1))
    ? 'line'
    : 'function';
}

/** Figures first, then each kind of slowdown and each module, then all that went wrong, with what was named instead. */
export function causeTable(all: readonly Asked[]): string {
  const slower = all.filter(({ kind }) => kind !== null);
  const controls = all.filter(({ kind }) => kind === null);
  const falsely = controls.filter(({ causes }) => causes.length > 0);
  const alarms = controls.filter(({ verdict }) => verdict === 'fail' || verdict === 'warn');
  const unanswered = controls.filter(({ error }) => error !== null);
  const times = all.flatMap(({ causesMs }) => (causesMs === null ? [] : [causesMs])).sort((a, b) => a - b);
  const time = (p: number): string => (times.length === 0 ? '–' : `${(percentile(times, p) / 1000).toFixed(2)} s`);
  const misses = all.filter((asked) =>
    asked.kind === null
      ? falsely.includes(asked) || alarms.includes(asked) || asked.error !== null
      : foundBy(asked) !== 'line',
  );
  return [
    `${slower.length} slowdowns: the right function first in ${share(slower, isFunction)}, the right line in ${share(slower, isLine)}; told as slower: ${share(slower, isTold)}.`,
    `${controls.length} changes that cost nothing: causes named for ${falsely.length}, told as slower: ${alarms.length}, no answer: ${unanswered.length}.`,
    `From the verdict to the causes: median ${time(50)}, p95 ${time(95)}.`,
    '',
    ...groups('kind', slower, ({ kind }) => kind ?? ''),
    '',
    ...groups('module', slower, ({ module }) => module),
    ...(misses.length === 0 ? [] : ['', ...misses.map(missText)]),
    '',
  ].join('\n');
}

const isLine = (asked: Asked): boolean => foundBy(asked) === 'line';
const isFunction = (asked: Asked): boolean => isLine(asked) || foundBy(asked) === 'function';
const isTold = ({ verdict }: Asked): boolean => verdict === 'fail' || verdict === 'warn';

function share(asked: readonly Asked[], is: (one: Asked) => boolean): string {
  const count = asked.filter(is).length;
  return asked.length === 0 ? '–' : `${count} (${((100 * count) / asked.length).toFixed(1)}%)`;
}

function groups(head: string, asked: readonly Asked[], keyOf: (one: Asked) => string): string[] {
  const keys = [...new Set(asked.map(keyOf))].sort();
  const rows = keys.map((key) => {
    const own = asked.filter((one) => keyOf(one) === key);
    return [key, String(own.length), share(own, isFunction), share(own, isLine)];
  });
  const table = [[head, 'n', 'function', 'line'], ['---', '---', '---', '---'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
}

function missText(asked: Asked): string {
  const { module, change, kind, size, expected, verdict, ratio, causes, error } = asked;
  const told = `${verdict}${ratio === null ? '' : `, ratio ${ratio.toFixed(2)}`}`;
  const by = size === null ? 'costs nothing' : `+${(100 * size).toFixed(0)}%`;
  const what = error ?? (causes.length === 0 ? 'no cause' : causes.slice(0, 3).map(placeText).join('; '));
  const right = expected.map(({ functions, file, lines }) => `${functions[0] ?? '?'} ${file}:${lines.join(',')}`);
  const found = kind === null ? '' : `${foundBy(asked)}, `;
  return `${module}/${change} (${by}; ${told}): ${found}named: ${what}${right.length === 0 ? '' : `; right: ${right.join(' or ')}`}`;
}

const placeText = ({ kind, function: name, file, line }: NamedCause): string =>
  `${kind === 'time' ? '' : `${kind} in `}${name ?? '(no function)'} ${file ?? '(no file)'}:${line ?? '?'}`;
