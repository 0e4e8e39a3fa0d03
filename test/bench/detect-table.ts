/** What the raw lines of `npm run bench:detect` say, as Markdown tables. */
import { percentile } from '../../src/core/stats/stats.js';
import { methods, type ComparisonLine, type Method, type Outcome, type RawLine } from './detect-raw.js';
import { clopperPearson } from './detect-statistics.js';

const names: Readonly<Record<Method, string>> = {
  ours: 'Perf Budget',
  tinybench: 'stored tinybench mean',
  vitest: 'vitest bench --compare',
  turns: 'two processes in turns',
};
const checks = ['3', '5', '10'] as const;
type Allowed = (typeof checks)[number];

interface Row {
  readonly line: ComparisonLine;
  readonly allowed: Allowed;
  readonly outcome: Outcome;
}

/** Conditions, the goal's figures, then a row for each method, check, machine and change; for ours each workload, if asked. */
export function detectTable(lines: readonly RawLine[], { byWorkload = false } = {}): string {
  const comparisons = lines.filter((line) => line.kind === 'comparison');
  const rows = comparisons.flatMap((line) =>
    checks.flatMap((allowed): Row[] => {
      const outcome = line.outcomes[allowed];
      return outcome === undefined ? [] : [{ line, allowed, outcome }];
    }),
  );
  const parts = [conditions(lines, comparisons), summary(rows), details(rows)];
  if (byWorkload) parts.push(workloads(rows));
  return `${parts.join('\n\n')}\n`;
}

function conditions(lines: readonly RawLine[], comparisons: readonly ComparisonLine[]): string {
  const runs = lines.filter((line) => line.kind === 'run');
  const machines = new Set(
    runs.map(
      ({ cpu, cores, os, node, commit, dirty }) =>
        `${cpu}, ${cores} cores, ${os}, Node ${node}, commit ${commit}${dirty ? ' and uncommitted changes' : ''}`,
    ),
  );
  const [first, last] = [comparisons[0], comparisons.at(-1)];
  const when = first === undefined || last === undefined ? 'nothing yet' : `${first.at} to ${last.at}`;
  const averages = comparisons.filter(({ load }) => !load).map(({ loadAverage }) => loadAverage);
  const busy = averages.length === 0 ? '' : ` Load average while quiet: median ${quantile(averages, 50).toFixed(1)}.`;
  return `${comparisons.length} comparisons, ${when}.${busy}\n${[...machines].join('\n')}`;
}

/** The goal in one look: quiet and loaded together, seconds over all changes. */
function summary(rows: readonly Row[]): string {
  const groups = grouped(rows, ({ line, allowed }) => [line.method, allowed]);
  const at = (group: readonly Row[], change: number): string => {
    const { n, alarms } = counts(group.filter(({ line }) => line.change === change));
    return n === 0 ? '–' : `${alarms} of ${n}: ${rate(alarms, n)}`;
  };
  const improved = (group: readonly Row[]): string => {
    const answers = group.filter(({ line, outcome }) => line.change === -0.1 && isAnswer(outcome));
    const told = answers.filter(({ line }) => line.faster).length;
    return answers.length === 0 ? '–' : `${told} of ${answers.length}: ${rate(told, answers.length)}`;
  };
  return markdown(
    [
      'method',
      'check',
      'alarms on unchanged work',
      'finds +5 %',
      'finds +10 %',
      'finds +20 %',
      'finds +50 %',
      'tells −10 %',
      'median',
      'p95',
      'errors',
    ],
    groups.map((group) => [
      ...title(group),
      at(group, 0),
      // To `baseline + 5%`, either answer is right.
      group[0]?.allowed === '3' ? at(group, 0.05) : '–',
      at(group, 0.1),
      at(group, 0.2),
      at(group, 0.5),
      improved(group),
      secondsOf(group, 50),
      secondsOf(group, 95),
      String(group.filter(({ outcome }) => outcome === 'error').length),
    ]),
  );
}

function details(rows: readonly Row[]): string {
  const groups = grouped(rows, ({ line, allowed }) => [
    line.method,
    allowed,
    line.load ? 'load' : 'quiet',
    line.change,
  ]);
  const head = ['method', 'check', 'machine', 'change', ...columns];
  return markdown(
    head,
    groups.map((group) => [...title(group), machine(group), change(group), ...figures(group)]),
  );
}

function workloads(rows: readonly Row[]): string {
  const ours = rows.filter(({ line }) => line.method === 'ours');
  const groups = grouped(ours, ({ line, allowed }) => [
    line.workload,
    allowed,
    line.load ? 'load' : 'quiet',
    line.change,
  ]);
  return markdown(
    ['workload', 'check', 'machine', 'change', ...columns],
    groups.map((group) => [
      group[0]?.line.workload ?? '',
      title(group)[1] ?? '',
      machine(group),
      change(group),
      ...figures(group),
    ]),
  );
}

const columns = [
  'n',
  'alarms',
  'alarm rate (95 %)',
  'passes',
  'undecided',
  'told faster',
  'median',
  'p95',
  'ratio ÷ true (5 … 95 %)',
  'true in interval',
  'errors',
  'not measured',
];

function figures(group: readonly Row[]): string[] {
  const { n, alarms } = counts(group);
  const of = (outcome: Outcome): string => String(group.filter((row) => row.outcome === outcome).length);
  const bias = group.flatMap(({ line, outcome }) =>
    line.ratio === null || !isAnswer(outcome) ? [] : [line.ratio / line.factor],
  );
  return [
    String(n),
    String(alarms),
    n === 0 ? '–' : rate(alarms, n),
    of('pass'),
    of('undecided'),
    String(group.filter(({ line, outcome }) => line.faster && isAnswer(outcome)).length),
    secondsOf(group, 50),
    secondsOf(group, 95),
    bias.length === 0 ? '–' : [50, 5, 95].map((p) => quantile(bias, p).toFixed(3)).reduce(intervalText),
    coverage(group),
    of('error'),
    of('unmeasured'),
  ];
}

/** How often the interval that was told held the true factor. */
function coverage(group: readonly Row[]): string {
  const told = group.flatMap(({ line: { low, high, factor }, outcome }) =>
    low === null || high === null || !isAnswer(outcome) ? [] : [low <= factor && factor <= high],
  );
  return told.length === 0 ? '–' : `${((100 * told.filter(Boolean).length) / told.length).toFixed(1)} %`;
}

const intervalText = (text: string, value: string, index: number): string =>
  index === 1 ? `${text} (${value} …` : `${text} ${value})`;

/** What could not be measured, or did not have to be, is no answer to the question that the rates are about. */
const isAnswer = (outcome: Outcome): boolean => outcome !== 'error' && outcome !== 'unmeasured';

function counts(group: readonly Row[]): { n: number; alarms: number } {
  const n = group.filter(({ outcome }) => isAnswer(outcome)).length;
  return { n, alarms: group.filter(({ outcome }) => outcome === 'alarm').length };
}

function secondsOf(group: readonly Row[], p: number): string {
  const seconds = group.flatMap(({ line, outcome }) => (isAnswer(outcome) ? [line.seconds] : []));
  return seconds.length === 0 ? '–' : `${quantile(seconds, p).toFixed(2)} s`;
}

const quantile = (values: readonly number[], p: number): number =>
  percentile(
    [...values].sort((a, b) => a - b),
    p,
  );

function rate(hits: number, n: number): string {
  const { low, high } = clopperPearson(hits, n);
  const percent = (value: number): string => {
    const digits = value > 0 && value < 0.01 ? 2 : value < 0.1 || value > 0.9 ? 1 : 0;
    return (value * 100).toFixed(value === 0 || value === 1 ? 0 : digits);
  };
  return `${percent(hits / n)} % (${percent(low)} … ${percent(high)} %)`;
}

function title([row]: readonly Row[]): string[] {
  return row === undefined ? [] : [names[row.line.method], `+${row.allowed} %`];
}

const machine = ([row]: readonly Row[]): string => (row?.line.load === true ? 'load' : 'quiet');

function change([row]: readonly Row[]): string {
  const percent = Math.round((row?.line.change ?? 0) * 100);
  return percent === 0 ? 'none' : `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}

/** Rows of equal keys together: methods in their usual order, numbers and texts ascending, quiet before load. */
function grouped(rows: readonly Row[], keyOf: (row: Row) => readonly (string | number)[]): Row[][] {
  const groups = new Map<string, { key: readonly (string | number)[]; rows: Row[] }>();
  for (const row of rows) {
    const key = keyOf(row);
    const text = JSON.stringify(key);
    const group = groups.get(text) ?? { key, rows: [] };
    group.rows.push(row);
    groups.set(text, group);
  }
  return [...groups.values()]
    .sort((a, b) => {
      const different = a.key.findIndex((part, index) => part !== b.key[index]);
      return position(a.key[different]) < position(b.key[different]) ? -1 : 1;
    })
    .map((group) => group.rows);
}

/** Where a part of a key sorts among its like. */
function position(part: string | number | undefined): string | number {
  const order: readonly (string | number | undefined)[] = [...methods, ...checks, 'quiet', 'load'];
  const at = order.indexOf(part);
  return at === -1 ? (part ?? '') : at;
}

function markdown(head: readonly string[], body: readonly (readonly string[])[]): string {
  const all = [head, ...body];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}
