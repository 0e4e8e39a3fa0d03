import {
  levels,
  severities,
  type BenchmarkSource,
  type Budget,
  type Check,
  type CodeReference,
  type Config,
  type Defaults,
  type Level,
  type Severity,
} from './budget.js';
import { parseCheck } from './check.js';
import { JsoncReader, rangeOf, type Entry, type Keys, type Node } from './jsonc.js';
import type { Problem } from './problem.js';
import { countedBy, parseQuantity } from './quantity.js';

/** The keys of each kind of object in the file. */
export const keys = {
  file: { now: ['$schema', 'benchmarks', 'budgets', 'defaults'], later: [] },
  benchmarks: { now: ['files', 'watch'], later: ['name', 'command', 'reads', 'from', 'isolation'] },
  budget: {
    now: ['benchmark', 'code', ...levels],
    later: [
      ...['work', 'cycles', 'concurrency', 'sum', 'manual', 'isolation', 'time', 'regression', 'tolerance', 'baseline'],
      ...['warmup', 'runs'],
    ],
  },
  defaults: { now: ['regression', 'tolerance', 'time', 'baseline', 'ignore'], later: ['isolation', 'warmup', 'runs'] },
  regression: { now: [...severities, 'fail'], later: [] },
} as const satisfies Record<string, Keys>;

/** Budgets that are about something else than one benchmark, which this version does not read. */
const otherSubjects = ['sum', 'manual'];

export const defaultSettings: Defaults = {
  regression: { low: 0.05, medium: 0.1, high: 0.15, critical: 0.2, fail: 'medium' },
  tolerance: 0,
  timeMs: 2000,
  baseline: 'auto',
  ignore: ['**/node_modules/**', '**/.git/**', '**/dist/**'],
};

const exampleFiles = '"benchmarks": [{ "files": "bench/**/*.bench.ts" }]';
const exampleBudgets = '"budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } }';

/**
 * Reads a `perf-budget.jsonc`. Everything that is wrong comes as a problem with its exact place, all at once and in the order
 * of the file, and whatever can be read all the same is in `config`; null where nothing can. `file` is its absolute
 * path, with `/`.
 */
export function parseConfig(file: string, text: string): { config: Config | null; problems: readonly Problem[] } {
  const json = new JsoncReader(file, text);
  const config = readConfig(file, json);
  return { config, problems: json.problems };
}

function readConfig(file: string, json: JsoncReader): Config | null {
  const { root } = json;
  if (root === null) {
    // A file that is nothing but a comment, or nothing at all.
    if (json.problems.length === 0) {
      const way = 'run "perf-budget init", or "Perf Budget: Initialize" in the editor';
      json.problem(json.whole, `The file is empty. To start, ${way}, or write { ${exampleFiles}, ${exampleBudgets} }.`);
    }
    return null;
  }
  const top = json.object(root, keys.file, 'The file');
  if (top === null) return null;
  json.string(top.get('$schema')?.value, '"$schema"');
  const brace = { start: root.offset, end: root.offset + 1 };
  if (!top.has('benchmarks')) {
    json.missing(root, brace, `The file does not say where the bench files are: ${exampleFiles}.`);
  }
  if (!top.has('budgets')) json.missing(root, brace, `The file has no budgets: ${exampleBudgets}.`);
  const defaults = readDefaults(json, top.get('defaults')?.value);
  return {
    file,
    benchmarks: readSources(json, top.get('benchmarks')),
    budgets: readBudgets(json, top.get('budgets'), defaults),
    defaults,
  };
}

function readSources(json: JsoncReader, entry: Entry | undefined): readonly BenchmarkSource[] {
  const nodes = json.list(entry?.value, '"benchmarks"') ?? [];
  if (entry?.value.type === 'array' && nodes.length === 0) {
    json.missing(
      entry.value,
      rangeOf(entry.key),
      `"benchmarks" is empty; say where the bench files are: ${exampleFiles}.`,
    );
  }
  return nodes.flatMap((node) => readSource(json, node) ?? []);
}

function readSource(json: JsoncReader, node: Node): BenchmarkSource | null {
  const entries = json.object(node, keys.benchmarks, 'An entry of "benchmarks"');
  if (entries === null) return null;
  const watch = json.strings(entries.get('watch')?.value, '"watch"') ?? [];
  const value = entries.get('files')?.value;
  if (value === undefined) {
    // That a command is not supported yet has been said.
    if (entries.has('command')) return null;
    return json.missing(
      node,
      rangeOf(node),
      'This entry does not say which bench files: "files": "bench/**/*.bench.ts".',
    );
  }
  const files = json.string(value, '"files"');
  if (files === null) return null;
  if (isAbsolute(files)) {
    return json.problem(rangeOf(value), `"files" is relative to the folder of this file, and ${files} is not.`);
  }
  return { files: plain(files), watch: watch.map(plain), location: json.location(rangeOf(value)) };
}

function readBudgets(json: JsoncReader, entry: Entry | undefined, defaults: Defaults): readonly Budget[] {
  const entries = json.object(entry?.value, null, '"budgets"');
  if (entry === undefined || entries === null) return [];
  if (entries.size === 0) {
    json.missing(entry.value, rangeOf(entry.key), `"budgets" is empty; a budget looks like this: ${exampleBudgets}.`);
  }
  return [...entries].flatMap(([name, { key, value }]) => readBudget(json, name, key, value, defaults) ?? []);
}

function readBudget(json: JsoncReader, name: string, key: Node, node: Node, defaults: Defaults): Budget | null {
  if (name.trim() === '') return json.problem(rangeOf(key), 'A budget needs a name.');
  const entries = json.object(node, keys.budget, 'A budget');
  if (entries === null) return null;
  const counts = entries.has('work') ? 'unknown' : 'ops';
  const checks = levels.flatMap((level) => readChecks(json, entries.get(level)?.value, level, counts));
  const code = readCode(json, entries.get('code')?.value);
  const value = entries.get('benchmark')?.value;
  if (value === undefined) {
    if (otherSubjects.some((subject) => entries.has(subject))) return null;
    return json.missing(
      node,
      rangeOf(key),
      `"${name}" does not say which benchmark it is about: "benchmark": "suite/case".`,
    );
  }
  const benchmark = json.string(value, '"benchmark"');
  if (benchmark === null) return null;
  if (!checks.some((check) => check.bound.kind === 'baseline')) checks.push(impliedCheck(defaults));
  return {
    name,
    subject: { kind: 'benchmark', name: benchmark, location: json.location(rangeOf(value)) },
    code,
    checks,
    run: {
      work: { amount: 1, counts: 'ops' },
      cycles: null,
      concurrency: 1,
      warmup: null,
      runs: null,
      timeMs: defaults.timeMs,
      isolation: 'bundle',
    },
    regression: defaults.regression,
    tolerance: defaults.tolerance,
    baseline: defaults.baseline,
    location: json.location(rangeOf(key)),
  };
}

/** `counts` is what one run of the benchmark is counted as; unknown where a key says it that this version does not read. */
function readChecks(
  json: JsoncReader,
  node: Node | undefined,
  level: Level,
  counts: 'ops' | 'unknown',
): readonly Check[] {
  return (json.list(node, `"${level}"`) ?? []).flatMap((one): readonly Check[] => {
    if (one.type !== 'string') {
      json.problem(rangeOf(one), 'A check is a text, such as "p95 <= 10 ms".');
      return [];
    }
    const text = String(one.value);
    const parsed = parseCheck(text);
    if (!parsed.ok) {
      const { range, message } = parsed.error;
      // Something that is missing has no width; the quote beside it has.
      const inside = json.within(one, range);
      json.problem(inside.start === inside.end ? { start: inside.start, end: inside.end + 1 } : inside, message);
      return [];
    }
    const { bound } = parsed.value;
    const counted = bound.kind === 'quantity' && bound.unit.dimension === 'rate' ? countedBy(bound.unit) : 'ops';
    if (counted !== 'ops') {
      const message = `"${parsed.value.text}": nothing says how many ${counted} one run is; write it in ops/s.`;
      if (counts === 'ops') json.problem(rangeOf(one), message);
      return [];
    }
    return [{ ...parsed.value, level, location: json.location(rangeOf(one)) }];
  });
}

/** What a budget asks that says nothing about the baseline: not to be slower by what breaks a budget. */
function impliedCheck({ regression }: Defaults): Check {
  const allowed = regression[regression.fail];
  const percent = Number((allowed * 100).toPrecision(6));
  return {
    text: `time <= baseline + ${percent}%`,
    metric: { kind: 'time' },
    relation: '<=',
    bound: { kind: 'baseline', factor: 1 + percent / 100 },
    level: 'limit',
    location: null,
  };
}

function readCode(json: JsoncReader, node: Node | undefined): CodeReference | null {
  const text = json.string(node, '"code"');
  if (text === null || node === undefined) return null;
  const hash = text.indexOf('#');
  const file = hash === -1 ? text : text.slice(0, hash);
  const symbol = hash === -1 ? null : text.slice(hash + 1).trim();
  if (file === '' || symbol === '') {
    return json.problem(rangeOf(node), '"code" is a file and a function: "src/registry.ts#Registry.lookup".');
  }
  if (file.includes('\\')) return json.problem(rangeOf(node), '"code" is written with / on every system.');
  if (isAbsolute(file)) {
    return json.problem(rangeOf(node), `"code" is relative to the folder of this file, and ${file} is not.`);
  }
  return { file: plain(file), symbol, location: json.location(rangeOf(node)) };
}

function readDefaults(json: JsoncReader, node: Node | undefined): Defaults {
  const entries = json.object(node, keys.defaults, '"defaults"') ?? new Map<string, Entry>();
  const time = readQuantity(json, entries.get('time')?.value, 'time', '"time"');
  const tolerance = readQuantity(json, entries.get('tolerance')?.value, 'share', '"tolerance"');
  return {
    regression: readRegression(json, entries.get('regression')?.value),
    tolerance: tolerance ?? defaultSettings.tolerance,
    timeMs: time === null ? defaultSettings.timeMs : time / 1e6,
    baseline: json.string(entries.get('baseline')?.value, '"baseline"')?.trim() ?? defaultSettings.baseline,
    ignore: json.strings(entries.get('ignore')?.value, '"ignore"')?.map(plain) ?? defaultSettings.ignore,
  };
}

function readRegression(json: JsoncReader, node: Node | undefined): Defaults['regression'] {
  const entries = json.object(node, keys.regression, '"regression"') ?? new Map<string, Entry>();
  const fail = readSeverity(json, entries.get('fail')?.value) ?? defaultSettings.regression.fail;
  const ladder = { ...defaultSettings.regression, fail };
  for (const severity of severities) {
    ladder[severity] = readQuantity(json, entries.get(severity)?.value, 'share', `"${severity}"`) ?? ladder[severity];
  }
  for (const [index, severity] of severities.entries()) {
    const milder = severities[index - 1];
    if (milder === undefined || ladder[milder] <= ladder[severity]) continue;
    const wrong = entries.get(severity) ?? entries.get(milder);
    const message = `The steps must rise, and "${severity}" is below "${milder}"; the defaults count instead.`;
    if (wrong !== undefined) json.problem(rangeOf(wrong.value), message);
    return { ...defaultSettings.regression, fail };
  }
  return ladder;
}

function readSeverity(json: JsoncReader, node: Node | undefined): Severity | null {
  const text = json.string(node, '"fail"');
  if (text === null || node === undefined) return null;
  const found = severities.find((severity) => severity === text);
  return found ?? json.problem(rangeOf(node), `"fail" is one of ${severities.join(', ')}.`);
}

/** A time in nanoseconds, or a share as a fraction. */
function readQuantity(
  json: JsoncReader,
  node: Node | undefined,
  dimension: 'share' | 'time',
  what: string,
): number | null {
  const text = json.string(node, what);
  if (text === null || node === undefined) return null;
  const parsed = parseQuantity(text);
  if (!parsed.ok) return json.problem(json.within(node, parsed.error.range), parsed.error.message);
  const { value, unit } = parsed.value;
  if (dimension === 'time') {
    if (unit?.dimension !== 'time' || value <= 0)
      return json.problem(rangeOf(node), `${what} is a time above zero, such as "2 s".`);
  } else if (unit?.dimension !== 'share' || value < 0) {
    return json.problem(rangeOf(node), `${what} is a percentage, such as "10%".`);
  } else if (what === '"tolerance"' && value >= 1) {
    return json.problem(rangeOf(node), '"tolerance" must be under 100%, or nothing would be a bound.');
  }
  return value;
}

const isAbsolute = (path: string): boolean => /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);

/** Without a leading `./`, which globs are not compared with. */
const plain = (path: string): string => path.replace(/^(?:\.\/)+/, '');
