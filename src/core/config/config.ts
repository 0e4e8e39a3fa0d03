import * as l10n from '@vscode/l10n';
import {
  levels,
  type BenchmarkSource,
  type Budget,
  type Check,
  type CodeReference,
  type Config,
  type Defaults,
  type Level,
  type Named,
  type RunSettings,
  type Subject,
} from '../language/budget.js';
import { parseCheck } from '../language/check.js';
import { cycles, type Link } from './cycles.js';
import { impliedChecks, misfit } from '../language/subject-fit.js';
import { JsoncReader, rangeOf, type Entry, type Node } from './jsonc.js';
import type { Problem, Range } from '../problem.js';
import { unreachable } from '../result.js';
import { isAbsolute, plain, readSource, sourceKeys } from './sources.js';
import {
  captureKeys,
  defaultSettings,
  readCapture,
  readManualUnit,
  readShared,
  readTags,
  readWork,
  regressionKeys,
  runKeys,
  readWaiver,
  waiverKeys,
} from './settings.js';

export { defaultSettings };

const subjects = ['benchmark', 'sum', 'manual'] as const;
/** Keys about how a benchmark is run; they do not apply to a figure recorded by hand. */
const measuredKeys = ['work', 'cycles', 'concurrency', ...runKeys] as const;

/** The keys of each kind of object in the file. */
export const keys = {
  file: ['$schema', 'benchmarks', 'budgets', 'defaults'],
  benchmarks: sourceKeys,
  budget: [...subjects, 'code', ...levels, ...measuredKeys, 'regression', 'tolerance', 'baseline', 'waived', 'tags'],
  waived: waiverKeys,
  defaults: ['regression', 'tolerance', 'baseline', 'ignore', 'capture', ...runKeys],
  capture: captureKeys,
  regression: regressionKeys,
} as const satisfies Record<string, readonly string[]>;

const exampleFiles = '"benchmarks": [{ "files": "bench/**/*.bench.ts" }]';
const exampleBudgets = '"budgets": { "parse": { "benchmark": "suite/case", "limit": ["p95 <= 10 ms"] } }';

/**
 * Reads a `perf-budget.jsonc`. Returns every problem with its exact place, all at once and in the order of the file, and in
 * `config` whatever could be read; null if nothing could. `file` is the absolute path, with `/`.
 */
export function parseConfig(file: string, text: string): { config: Config | null; problems: readonly Problem[] } {
  const json = new JsoncReader(file, text);
  const config = readConfig(file, json);
  return { config, problems: json.problems };
}

function readConfig(file: string, json: JsoncReader): Config | null {
  const { root } = json;
  if (root === null) {
    // The file is empty, or has only comments.
    if (json.problems.length === 0) {
      const way = l10n.t('run "perf-budget init", or "Perf Budget: Initialize" in the editor');
      // A table takes what stands in braces for a place of its own.
      const example = `{ ${exampleFiles}, ${exampleBudgets} }`;
      json.problem(json.whole, l10n.t`The file is empty. To start, ${way}, or write ${example}.`);
    }
    return null;
  }
  const top = json.object(root, keys.file, l10n.t('The file'));
  if (top === null) return null;
  json.string(top.get('$schema')?.value, '"$schema"');
  const brace = { start: root.offset, end: root.offset + 1 };
  if (!top.has('budgets')) json.missing(root, brace, l10n.t`The file has no budgets. Add ${exampleBudgets}.`);
  const defaults = readDefaults(json, top.get('defaults')?.value);
  const budgets = readBudgets(json, top.get('budgets'), defaults);
  // Figures that are recorded by hand need no benchmark.
  const isManual = budgets.length > 0 && budgets.every(({ subject }) => subject.kind === 'manual');
  if (!top.has('benchmarks') && !isManual) {
    json.missing(root, brace, l10n.t`The file does not say where the bench files are. Add ${exampleFiles}.`);
  }
  return { file, benchmarks: readSources(json, top.get('benchmarks'), isManual), budgets, defaults };
}

function readSources(json: JsoncReader, entry: Entry | undefined, mayBeEmpty: boolean): readonly BenchmarkSource[] {
  const nodes = json.list(entry?.value, '"benchmarks"') ?? [];
  if (entry?.value.type === 'array' && nodes.length === 0 && !mayBeEmpty) {
    json.missing(
      entry.value,
      rangeOf(entry.key),
      l10n.t`"benchmarks" is empty. Say where the bench files are: ${exampleFiles}.`,
    );
  }
  return nodes.flatMap((node) => readSource(json, node) ?? []);
}

/** A budget, and the places of the names in it. */
interface Read {
  readonly budget: Budget;
  readonly parts: readonly Link<Range>[];
  readonly references: readonly Link<{ readonly range: Range; readonly check: Check }>[];
}

function readBudgets(json: JsoncReader, entry: Entry | undefined, defaults: Defaults): readonly Budget[] {
  const entries = json.object(entry?.value, null, '"budgets"');
  if (entry === undefined || entries === null) return [];
  if (entries.size === 0) {
    json.missing(
      entry.value,
      rangeOf(entry.key),
      l10n.t`"budgets" is empty. A budget looks like this: ${exampleBudgets}.`,
    );
  }
  const read = [...entries].flatMap(([name, { key, value }]) => readBudget(json, name, key, value, defaults) ?? []);
  return withoutCircles(json, read);
}

/** Leaves out sums that contain themselves, which have no value, and one check of each circle of comparisons. */
function withoutCircles(json: JsoncReader, read: readonly Read[]): readonly Budget[] {
  const endless = new Set<string>();
  for (const { names, closing } of cycles(read.flatMap(({ parts }) => parts))) {
    for (const name of names) endless.add(name);
    const path =
      names.length === 2
        ? l10n.t`"${closing.to}" is part of itself`
        : l10n.t`The sum contains itself: ${names.join(' → ')}`;
    json.problem(closing.mark, l10n.t`${path}. If you mean a benchmark of that name, rename the budget.`);
  }
  const circular = new Set<Check>();
  for (const { names, closing } of cycles(read.flatMap(({ references }) => references))) {
    const { check, range } = closing.mark;
    circular.add(check);
    const path =
      names.length === 2
        ? l10n.t`"${closing.to}" is compared with itself`
        : l10n.t`the checks form a circle: ${names.join(' → ')}`;
    json.problem(range, l10n.t`"${check.text}": ${path}; this one is ignored.`);
  }
  if (endless.size === 0 && circular.size === 0) return read.map(({ budget }) => budget);
  return read.flatMap(({ budget }) => {
    if (endless.has(budget.name)) return [];
    if (!budget.checks.some((check) => circular.has(check))) return [budget];
    return [{ ...budget, checks: budget.checks.filter((check) => !circular.has(check)) }];
  });
}

function readBudget(json: JsoncReader, name: string, key: Node, node: Node, defaults: Defaults): Read | null {
  if (name.trim() === '') return json.problem(rangeOf(key), l10n.t('A budget needs a name.'));
  const entries = json.object(node, keys.budget, l10n.t('A budget'));
  if (entries === null) return null;
  const subject = readSubject(json, name, key, node, entries);
  const work = readWork(json, entries.get('work')?.value);
  const shared = readShared(json, entries, defaults);
  const { regression, tolerance, baseline, isolation, answers, warmup, runs, timeMs } = shared;
  const run = {
    work,
    cycles: json.count(entries.get('cycles')?.value, '"cycles"', 1),
    concurrency: json.count(entries.get('concurrency')?.value, '"concurrency"', 1) ?? 1,
    warmup,
    runs,
    timeMs,
    isolation,
    answers,
  };
  const code = readCode(json, entries.get('code')?.value);
  const waived = readWaiver(json, entries.get('waived'));
  const tags = readTags(json, entries.get('tags')?.value);
  const read: ReadCheck[] = [];
  for (const level of levels) {
    for (const one of json.list(entries.get(level)?.value, `"${level}"`) ?? []) {
      const check = readCheck(json, one, level, subject, work);
      if (check !== null) read.push(check);
    }
  }
  if (subject === null) return null;
  const checks = read.map(({ check }) => check);
  if (subject.kind === 'manual') {
    for (const measured of measuredKeys) {
      const entry = entries.get(measured);
      if (entry === undefined) continue;
      json.problem(rangeOf(entry.key), l10n.t`"${measured}" does not apply to a value recorded by hand.`);
    }
  } else {
    checks.push(...impliedChecks(checks, regression, defaults.regression));
  }
  const location = json.location(rangeOf(key));
  const budget = { name, subject, code, checks, run, regression, tolerance, baseline, location };
  return {
    budget:
      waived === null && tags.length === 0
        ? budget
        : { ...budget, ...(waived !== null && { waived }), ...(tags.length > 0 && { tags }) },
    parts: partNodes(entries).map((part) => ({ from: name, to: String(part.value), mark: rangeOf(part) })),
    references: read.flatMap(({ check, name: range }) =>
      check.bound.kind === 'reference' && range !== null
        ? [{ from: name, to: check.bound.name, mark: { range, check } }]
        : [],
    ),
  };
}

/** Reads what the budget is about: exactly one of three keys. */
function readSubject(
  json: JsoncReader,
  name: string,
  key: Node,
  node: Node,
  entries: ReadonlyMap<string, Entry>,
): Subject | null {
  const [kind, ...more] = subjects.filter((subject) => entries.has(subject));
  if (kind === undefined) {
    return json.missing(
      node,
      rangeOf(key),
      l10n.t`"${name}" does not say which benchmark it is for. Add "benchmark": "suite/case".`,
    );
  }
  const value = entries.get(kind)?.value;
  if (value === undefined) return null;
  for (const other of more) {
    const entry = entries.get(other);
    if (entry === undefined) continue;
    json.problem(
      rangeOf(entry.key),
      l10n.t`A budget can have only one of "benchmark", "sum" and "manual": "${other}" is ignored.`,
    );
  }
  switch (kind) {
    case 'benchmark': {
      const benchmark = json.string(value, '"benchmark"');
      return benchmark === null ? null : { kind, name: benchmark, location: json.location(rangeOf(value)) };
    }
    case 'sum': {
      const parts = readParts(json, entries, value);
      return parts === null ? null : { kind, parts };
    }
    case 'manual': {
      const unit = readManualUnit(json, value);
      return unit === null ? null : { kind, unit };
    }
    default:
      return unreachable(kind);
  }
}

function readParts(json: JsoncReader, entries: ReadonlyMap<string, Entry>, value: Node): readonly Named[] | null {
  const nodes = json.list(value, '"sum"');
  if (nodes === null) return null;
  json.strings(value, '"sum"');
  const parts = new Map<string, Named>();
  for (const part of partNodes(entries)) {
    const name = String(part.value);
    if (parts.has(name))
      json.problem(rangeOf(part), l10n.t`"${name}" is already part of the sum; this one is ignored.`);
    else parts.set(name, { name, location: json.location(rangeOf(part)) });
  }
  if (nodes.length < 2) {
    json.missing(value, rangeOf(value), l10n.t('A sum needs at least two parts: ["plugin load", "storage init"].'));
  }
  return parts.size === 0 ? null : [...parts.values()];
}

/** Returns the names in `sum`, if the budget is about a sum. */
function partNodes(entries: ReadonlyMap<string, Entry>): readonly Node[] {
  const value = entries.has('benchmark') ? undefined : entries.get('sum')?.value;
  const nodes = value?.type === 'array' ? (value.children ?? []) : [];
  return nodes.filter((part) => typeof part.value === 'string' && part.value.trim() !== '');
}

/** A check, and the place of the name that it refers to. */
interface ReadCheck {
  readonly check: Check;
  readonly name: Range | null;
}

function readCheck(
  json: JsoncReader,
  node: Node,
  level: Level,
  subject: Subject | null,
  work: RunSettings['work'],
): ReadCheck | null {
  if (node.type !== 'string')
    return json.problem(rangeOf(node), l10n.t('A check must be a string, such as "p95 <= 10 ms".'));
  const parsed = parseCheck(String(node.value));
  if (!parsed.ok) return json.inside(node, parsed.error);
  const problem = subject === null ? null : misfit(parsed.value, subject, work);
  if (problem !== null) return json.inside(node, problem);
  const { text, metric, relation, bound, ranges } = parsed.value;
  const location = json.location(rangeOf(node));
  const name = ranges.name && json.within(node, ranges.name);
  const nameLocation = name && json.location(name);
  return { check: { text, metric, relation, bound, level, location, nameLocation }, name };
}

function readCode(json: JsoncReader, node: Node | undefined): CodeReference | null {
  const text = json.string(node, '"code"');
  if (text === null || node === undefined) return null;
  const hash = text.indexOf('#');
  const file = hash === -1 ? text : text.slice(0, hash);
  const symbol = hash === -1 ? null : text.slice(hash + 1).trim();
  if (file === '' || symbol === '') {
    return json.problem(
      rangeOf(node),
      l10n.t('"code" must be a file and a function: "src/registry.ts#Registry.lookup".'),
    );
  }
  if (file.includes('\\')) return json.problem(rangeOf(node), l10n.t('Write "code" with / on every system.'));
  if (isAbsolute(file)) {
    return json.problem(
      rangeOf(node),
      l10n.t`"code" must be relative to the folder of this file, but ${file} is absolute.`,
    );
  }
  return { file: plain(file), symbol, location: json.location(rangeOf(node)) };
}

function readDefaults(json: JsoncReader, node: Node | undefined): Defaults {
  const entries = json.object(node, keys.defaults, '"defaults"') ?? new Map<string, Entry>();
  return {
    ...readShared(json, entries, defaultSettings),
    capture: readCapture(json, entries.get('capture')?.value),
    ignore: json.strings(entries.get('ignore')?.value, '"ignore"')?.map(plain) ?? defaultSettings.ignore,
  };
}
