import { clopperPearson } from '../detect-statistics.js';
import { mean, percentile } from '../../../src/core/stats/stats.js';

/** What was found out about one pair on one Node. Times are nanoseconds per call. */
export interface TruthLine {
  readonly at: string;
  readonly node: string;
  readonly pair: string;
  /** A figure for each plain process. */
  readonly truth: Readonly<Record<'before' | 'after', readonly { readonly ns: number; readonly settled: boolean }[]>>;
  readonly ours: readonly {
    readonly verdict: string;
    readonly ratio: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly time: number | null;
    readonly seconds: number;
    readonly note: string;
  }[];
  readonly rivals: Readonly<Record<string, readonly { readonly before: number; readonly after: number }[]>>;
}

/** The bound that verdicts are about, and how near it either verdict is right. */
const allowed = 1.1;
const near = 1.04;
/** Figures this near to the truth are right. */
const close = 1.05;
/** If ratios of plain processes differ by more, the truth is not one value. Neither is it where one of them still became faster. */
const oneValue = 1.2;

interface Truth {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly isOne: boolean;
}

/** The truth about a ratio: over all pairs of plain processes. */
export function truthOf({ truth }: Pick<TruthLine, 'truth'>): Truth {
  const ratios = truth.after
    .flatMap((after) => truth.before.map((before) => after.ns / before.ns))
    .sort((a, b) => a - b);
  const [low = NaN, high = NaN] = [ratios[0], ratios.at(-1)];
  const isSettled = [...truth.before, ...truth.after].every(({ settled }) => settled);
  return { ratio: percentile(ratios, 50), low, high, isOne: isSettled && high / low <= oneValue };
}

/** Whether a figure lies within 5% of an interval. */
const isClose = (value: number, low: number, high: number): boolean => value <= high * close && value >= low / close;

/** What the truth says of a verdict of `baseline + 10%`. */
export function judged(verdict: string, { low, high }: Truth): 'right' | 'wrong' | 'undecided' | 'error' {
  if (verdict === 'undecided' || verdict === 'error') return verdict;
  if (verdict === 'fail') return high < allowed / near ? 'wrong' : 'right';
  return low > allowed * near ? 'wrong' : 'right';
}

const share = (part: number, whole: number): string => {
  if (whole === 0) return '–';
  const { low, high } = clopperPearson(part, whole);
  const percent = (value: number): string => (100 * value).toFixed(value > 0.98 || value < 0.02 ? 1 : 0);
  return `${part} of ${whole}: ${percent(part / whole)}% (${percent(low)} … ${percent(high)}%)`;
};

/** Renders the lines as Markdown tables. */
export function truthTable(lines: readonly TruthLine[], { byPair = false } = {}): string {
  const majors = [...new Set(lines.map(({ node }) => node.split('.')[0] ?? ''))].sort();
  const rows = majors.map((major) =>
    row(
      `Node ${major}`,
      lines.filter(({ node }) => node.startsWith(`${major}.`)),
    ),
  );
  if (majors.length > 1) rows.push(row('all', lines));
  const columns = [
    '',
    'pairs',
    'verdict right, of those decided',
    'undecided',
    'ratio within 5%',
    'time within 5%',
    'median',
    'p95',
  ];
  const parts = [[columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')];
  const rivals = [...new Set(lines.flatMap((line) => Object.keys(line.rivals)))];
  if (rivals.length > 0) parts.push(rivalTable(lines, rivals));
  const several = lines.filter((line) => !truthOf(line).isOne);
  if (several.length > 0)
    parts.push(
      `The truth is not one value, or not settled: ${several.map(({ node, pair }) => `${pair} (Node ${node.split('.')[0] ?? ''})`).join(', ')}.`,
    );
  const wrong = lines.flatMap((line) => {
    const truth = truthOf(line);
    const found = line.ours.filter(({ verdict }) => truth.isOne && judged(verdict, truth) === 'wrong');
    return found.map(
      ({ verdict, ratio }) =>
        `- ${line.pair}, Node ${line.node}: ${verdict}, ${ratio?.toFixed(3) ?? '–'}; true ${shown(truth)}`,
    );
  });
  parts.push(wrong.length === 0 ? 'No verdict contradicts its truth.' : `Contradictions:\n\n${wrong.join('\n')}`);
  if (byPair) parts.push(lines.map(pairLine).join('\n'));
  return parts.join('\n\n');
}

const shown = ({ ratio, low, high }: Truth): string => `${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;

function pairLine(line: TruthLine): string {
  const truth = truthOf(line);
  const us = (ns: number): string => (ns / 1e3).toPrecision(3);
  const ours = line.ours.map(({ verdict, ratio, time, seconds }) => {
    const off = time === null ? '' : ` ${(100 * (time / mean(line.truth.after.map(({ ns }) => ns)) - 1)).toFixed(0)}%`;
    return `${judged(verdict, truth) === 'wrong' ? 'WRONG ' : ''}${verdict} ${ratio?.toFixed(3) ?? '–'}${off} ${seconds.toFixed(1)}s`;
  });
  const [before, after] = [line.truth.before, line.truth.after].map((side) => us(mean(side.map(({ ns }) => ns))));
  return `${line.node.padEnd(8)} ${line.pair.padEnd(34)} ${before ?? ''} → ${after ?? ''} µs  ${shown(truth)}${truth.isOne ? '' : ' SEVERAL'}  ${ours.join(' · ')}`;
}

function row(name: string, lines: readonly TruthLine[]): readonly string[] {
  const asked = lines.flatMap((line) => {
    const truth = truthOf(line);
    return truth.isOne ? line.ours.map((one) => ({ ...one, line, truth })) : [];
  });
  const outcomes = asked.map((one) => judged(one.verdict, one.truth));
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
  const seconds = asked.map((one) => one.seconds).sort((a, b) => a - b);
  const ratios = asked.flatMap(({ ratio, truth }) => (ratio === null ? [] : [isClose(ratio, truth.low, truth.high)]));
  const times = asked.flatMap(({ time, line }) => {
    const all = line.truth.after.map(({ ns }) => ns);
    return time === null ? [] : [isClose(time, Math.min(...all), Math.max(...all))];
  });
  return [
    name,
    String(new Set(lines.map(({ pair }) => pair)).size),
    share(count('right'), count('right') + count('wrong')),
    share(count('undecided'), asked.length) + (count('error') > 0 ? `, ${count('error')} errors` : ''),
    share(ratios.filter(Boolean).length, ratios.length),
    share(times.filter(Boolean).length, times.length),
    `${percentile(seconds, 50).toFixed(2)} s`,
    `${percentile(seconds, 95).toFixed(2)} s`,
  ];
}

/** Ours beside the rivals, of the same lines: how far the ratio is from the true one. */
function rivalTable(lines: readonly TruthLine[], rivals: readonly string[]): string {
  const both = lines.filter(
    (line) => truthOf(line).isOne && rivals.every((name) => (line.rivals[name]?.length ?? 0) > 0),
  );
  const off = (line: TruthLine, ratio: number): number => {
    const { low, high } = truthOf(line);
    return Math.abs(Math.log(ratio > high ? ratio / high : ratio < low ? ratio / low : 1));
  };
  const methods = new Map<string, readonly { line: TruthLine; ratio: number }[]>([
    [
      'Perf Budget',
      both.flatMap((line) => line.ours.flatMap(({ ratio }) => (ratio === null ? [] : [{ line, ratio }]))),
    ],
    ...rivals.map(
      (name) =>
        [
          name,
          both.flatMap((line) =>
            (line.rivals[name] ?? []).map(({ before, after }) => ({ line, ratio: after / before })),
          ),
        ] as const,
    ),
  ]);
  const rows = Array.from(methods, ([name, found]) => {
    const errors = found.map(({ line, ratio }) => off(line, ratio)).sort((a, b) => a - b);
    const wrong = found.filter(
      ({ line, ratio }) => judged(ratio > allowed ? 'fail' : 'pass', truthOf(line)) === 'wrong',
    );
    const percent = (log: number): string => `${(100 * Math.expm1(log)).toFixed(1)}%`;
    return [
      name,
      share(errors.filter((error) => error <= Math.log(close)).length, errors.length),
      percent(percentile(errors, 50)),
      percent(percentile(errors, 90)),
      share(wrong.length, found.length),
    ];
  });
  const columns = ['ratio', 'within 5% of the truth', 'off by, median', 'off by, p90', 'on the wrong side of +10%'];
  return [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
