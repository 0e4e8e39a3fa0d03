import { patternOf } from '../language/name-pattern.js';

/** A benchmark to propose a budget for. */
export interface Candidate {
  /** Relative to the folder. */
  readonly file: string;
  readonly name: string;
  /** The same, with a `*` for what changes whenever the file is loaded. */
  readonly steady: string;
  /** The function that it is about, as in `"code"`; null if the benchmark's text shows it, or if nothing does. */
  readonly code: string | null;
  /** The `"time"` that it needs, in seconds; null for the default. */
  readonly seconds: number | null;
}

export interface ProposedBudget {
  readonly name: string;
  readonly benchmark: string;
  readonly code: string | null;
  readonly seconds: number | null;
  readonly candidates: readonly Candidate[];
}

/** With more benchmarks than this, those that are alike share a budget. */
const mostAlone = 20;
const leastTogether = 4;
const mostCompared = 600;

/**
 * Proposes budgets for these benchmarks: one for each or, if they are many, patterns for suites. No pattern matches any of
 * `others`, the benchmarks without a budget.
 */
export function proposeBudgets(
  candidates: readonly Candidate[],
  others: readonly Pick<Candidate, 'file' | 'name'>[],
): readonly ProposedBudget[] {
  const all = [...candidates, ...others];
  const count = (name: string): number => all.filter((one) => one.name === name).length;
  const alone = ({ file, name, steady }: Candidate): string =>
    (steady === name ? count(name) : matched(steady, all).filter((one) => one.file !== file).length + 1) === 1
      ? steady
      : `${file}#${steady}`;
  const groups = new Map<string, Candidate[]>();
  let left = candidates;
  for (const pattern of candidates.length > mostAlone ? patternsFor(candidates) : []) {
    const wanted = new Set(matched(pattern, left));
    const all = left.filter((one) => wanted.has(one));
    if (all.length < leastTogether || matched(pattern, others).length > 0) continue;
    groups.set(pattern, all);
    left = left.filter((one) => !wanted.has(one));
  }
  for (const one of left) groups.set(alone(one), [...(groups.get(alone(one)) ?? []), one]);
  const names = new Set<string>();
  return Array.from(groups, ([benchmark, members]) => {
    const plain = members.length === 1 ? benchmark : plainName(benchmark);
    const name = names.has(plain.trim()) ? benchmark : plain.trim();
    names.add(name);
    const [first] = members;
    const code = members.every((one) => one.code === first?.code) ? (first?.code ?? null) : null;
    const seconds = members.map((one) => one.seconds ?? 0).reduce((a, b) => Math.max(a, b), 0) || null;
    return { name, benchmark, code, seconds, candidates: members };
  });
}

/** Returns patterns that may stand for several of these: suites, then names that begin or end alike, then whole files. */
function patternsFor(candidates: readonly Candidate[]): readonly string[] {
  const suites = candidates.flatMap(({ name }) => {
    const suite = name.slice(0, name.lastIndexOf('/') + 1);
    return suite === '' ? [] : [`${suite}*`];
  });
  // Above this it would take seconds.
  const few = candidates.length <= mostCompared ? candidates : [];
  const alike = few.flatMap(({ file, name }) => {
    const ends = Array.from(name.matchAll(/[/ ]/g), ({ index }) => [
      `${name.slice(0, index + 1)}**`,
      `**${name.slice(index)}`,
    ]);
    return ends.flat().flatMap((end) => [end, `${file}#${end}`]);
  });
  const files = candidates.map(({ file }) => `${file}#**`);
  return [suites, alike, files].flatMap((patterns) => {
    const sizes = new Map([...new Set(patterns)].map((pattern) => [pattern, matched(pattern, candidates).length]));
    return [...sizes].sort(([, a], [, b]) => b - a).map(([pattern]) => pattern);
  });
}

function matched<T extends Pick<Candidate, 'file' | 'name'>>(pattern: string, all: readonly T[]): readonly T[] {
  const hash = pattern.indexOf('#');
  const file = pattern.slice(0, hash);
  const isNamed = hash !== -1 && all.some((one) => one.file === file);
  const { match } = patternOf(isNamed ? pattern.slice(hash + 1) : pattern);
  return all.filter((one) => (!isNamed || one.file === file) && match(one.name) !== null);
}

/** `parse` for `parse/*`, `bench/parse.js` for a whole file. */
const plainName = (pattern: string): string => pattern.replace(/(?:[/#]|^)\*+$|^\*+[/ ]/g, '').trim() || pattern;

/**
 * Returns the name with a `*` for what differs between two loads of its file, or looks like a version or a date and is not
 * written in the file.
 */
export function steadyName(name: string, again: string, text: string): string {
  const differing = name === again ? name : unified(name, again);
  return differing.replaceAll(/\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?|\d+\.\d+\.\d+[\w.+-]*|(?<=\bv)\d+[\w.+-]*/g, (part) =>
    text.includes(part) ? part : '*',
  );
}

function unified(one: string, other: string): string {
  const parts = (text: string): readonly string[] => text.split(/([\s/()[\],:]+)/);
  const [ours, theirs] = [parts(one), parts(other)];
  if (ours.length !== theirs.length) return '**';
  return ours.map((part, index) => (part === theirs[index] ? part : '*')).join('');
}

const widest = 120;

/** An entry of `benchmarks`. */
export interface ProposedSource {
  /** A glob. */
  readonly files: string;
  /** The command that makes what they import; null if they run as they are. */
  readonly build: readonly string[] | null;
}

/** Returns the text of a `perf-budget.jsonc`, formatted as Prettier would. */
export function configText(
  files: readonly ProposedSource[],
  budgets: readonly ProposedBudget[],
  passedOver: readonly string[],
): string {
  const sources = files.map(({ files: pattern, build }) => {
    const built = build === null ? '' : `, "build": [${build.map((word) => JSON.stringify(word)).join(', ')}]`;
    return `{ "files": ${JSON.stringify(pattern)}${built} }`;
  });
  const [only = '', ...more] = sources;
  return [
    '{',
    files.some(({ build }) => build !== null)
      ? '  // Where the benchmarks are. The build makes what git ignores; old code is built in its own checkout.'
      : '  // Where the benchmarks are.',
    ...(more.length === 0
      ? [`  "benchmarks": [${only}],`]
      : ['  "benchmarks": [', ...sources.map((source) => `    ${source},`), '  ],']),
    ...passedOver.map((reason) => `  // Passed over: ${reason}${/[.!?…]$/.test(reason) ? '' : '.'}`),
    '',
    '  // Every budget fails if its time grows by more than 10% over the baseline; change that with "defaults".',
    '  // Add limits that your users would notice, such as "limit": ["time <= 5 ms"].',
    '  "budgets": {',
    ...budgets.flatMap(budgetText),
    '  },',
    '}',
    '',
  ].join('\n');
}

/** Returns the lines of an entry of `budgets`. */
export function budgetText(budget: ProposedBudget): readonly string[] {
  return `    ${JSON.stringify(budget.name)}: ${budgetEntry(budget, [], '    ')},`.split('\n');
}

/** Returns the value of a budget's key, with these limits. `indent` is that of the key; null to keep it on one line, however long. */
export function budgetEntry(
  { name, benchmark, code, seconds }: ProposedBudget,
  limits: readonly string[],
  indent: string | null,
): string {
  const entries = [
    `"benchmark": ${JSON.stringify(benchmark)}`,
    ...(code === null ? [] : [`"code": ${JSON.stringify(code)}`]),
    ...(seconds === null ? [] : [`"time": "${seconds} s"`]),
    ...(limits.length === 0 ? [] : [`"limit": [${limits.map((limit) => JSON.stringify(limit)).join(', ')}]`]),
  ];
  const line = `{ ${entries.join(', ')} }`;
  if (indent === null || `${indent}${JSON.stringify(name)}: ${line},`.length <= widest) return line;
  const step = indent.includes('\t') ? '\t' : '  ';
  return ['{', ...entries.map((entry) => `${indent}${step}${entry},`), `${indent}}`].join('\n');
}
