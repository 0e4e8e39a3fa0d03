import * as l10n from '@vscode/l10n';
import type { Budget, Procedure } from '../language/budget.js';
import { parseMetric } from '../language/check.js';
import { readDate } from '../config/day.js';
import { formatTime } from '../language/figures.js';
import { readableUnit } from './check.js';
import type { Member } from './judgement.js';
import type { Machine, Verdict } from '../results/measurement.js';
import { isMeasured, metricKey } from '../language/metric.js';
import { freeUnit, parseQuantity, unitOf } from '../language/quantity.js';
import { err, ok, type Result } from '../result.js';
import type { Estimate } from '../stats/estimate.js';

/** The file that holds only the name of the current baseline; without it there is none. */
export const currentFile = 'current';

/** What `capture` keeps, in a file of its own so that captures on two branches do not conflict in a merge. */
export interface CapturedBaseline {
  readonly name: string;
  /** Milliseconds since the epoch, whole. */
  readonly at: number;
  /** Why it was accepted; empty if everything was within its limits and no reason was given. */
  readonly reason: string;
  /** Whether it was captured without review: `capture --auto`. */
  readonly automatic: boolean;
  /** The full id of the code's commit; null without git. */
  readonly commit: string | null;
  /** Set if the code was in no commit of the user's: `on` is the commit it was changed from, null before the first. */
  readonly uncommitted: { readonly on: string | null } | null;
  readonly machine: Machine;
  /** The `machineId` of `machine`: absolute figures are useful on that machine only. */
  readonly machineId: string;
  /** What was looser than a bound or the previous baseline, one sentence each. */
  readonly accepts: readonly string[];
  /** Ordered by budget name. */
  readonly figures: readonly BudgetFigures[];
}

/** The figures of one benchmark (or sum) of a budget. */
export interface BudgetFigures {
  readonly budget: string;
  readonly benchmark: string;
  readonly verdict: Verdict;
  /** How it was measured. */
  readonly procedure: Procedure;
  /** Keyed by `metricKey`, in base units: its time and the metrics of its checks. */
  readonly metrics: Readonly<Record<string, Estimate>>;
}

/** Returns what to keep of a budget's benchmarks: their time and the metrics of its checks. */
export function figuresOf(
  budget: Budget,
  members: readonly Member[],
  verdict: Verdict,
  procedure: Procedure,
): readonly BudgetFigures[] {
  const asked = new Set(['time', ...budget.checks.map(({ metric }) => metricKey(metric))]);
  return members.map(({ name, measurement }) => {
    const metrics = Object.entries(measurement.current.metrics).filter(([key, { value, low, high }]) => {
      return asked.has(key) && [value, low, high].every(Number.isFinite);
    });
    return { budget: budget.name, benchmark: name, verdict, procedure, metrics: Object.fromEntries(metrics) };
  });
}

/**
 * Returns the name of a baseline's file. A name that a file system or git cannot hold, or takes for another's, ends with a hash:
 * `release/2` is `release-2.1c9d44ab.json`. `taken` holds the file names of other baselines.
 */
export function fileNameOf(name: string, taken: readonly string[] = []): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}._+-]+/gu, '-').slice(0, 80);
  // Names that Windows reserves for devices, and git for itself.
  const isReserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)|^\.|\.\.|\.$|\.lock$/i.test(plain);
  const isTaken = taken.some((other) => other.toLowerCase() === `${plain}.json`.toLowerCase());
  if (plain === name && !isReserved && !isTaken) return `${plain}.json`;
  const safe = plain.replaceAll(/\.{2,}/g, '.').replaceAll(/^\.|\.$/g, '');
  return `${safe === '' ? 'baseline' : safe}.${hash(name)}.json`;
}

/** Returns the 32-bit FNV-1a hash (RFC draft-eastlake-fnv). */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}

const oneIteration = { work: { amount: 1, counts: 'ops' } };
/** More digits than an interval supports would only add noise to a diff; counts stay exact. */
const digits = 4;

/** Returns the text of a baseline's file: a fixed key order and one line per benchmark, so that a diff shows what changed. */
export function writeBaseline(baseline: CapturedBaseline): string {
  const { name, at, reason, automatic, commit, uncommitted, machine, machineId, accepts, figures } = baseline;
  const head: readonly (readonly [string, unknown])[] = [
    ['version', 1],
    ['name', name],
    ['captured', new Date(at).toISOString()],
    ['automatic', automatic],
    ['reason', reason],
    ['commit', commit],
    ...(uncommitted === null ? [] : [['uncommitted', uncommitted] as const]),
    ['machine', { id: machineId, ...machine }],
  ];
  const sorted = figures.toSorted((a, b) => order(a.budget, b.budget));
  const lines = sorted.map(({ budget, benchmark, verdict, procedure, metrics }) =>
    oneLine({ budget, benchmark, verdict, ...written(metrics), procedure: writtenProcedure(procedure) }),
  );
  const parts = [
    ...head.map(([key, value]) => `  ${JSON.stringify(key)}: ${oneLine(value)}`),
    `  "accepts": ${block(accepts.map((line) => JSON.stringify(line)))}`,
    `  "figures": ${block(lines)}`,
  ];
  return `{\n${parts.join(',\n')}\n}\n`;
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const block = (lines: readonly string[]): string =>
  lines.length === 0 ? '[]' : `[\n${lines.map((line) => `    ${line}`).join(',\n')}\n  ]`;

function oneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}: ${oneLine(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}

function written(metrics: BudgetFigures['metrics']): { metrics: Record<string, unknown> } {
  const keys = Object.keys(metrics).sort(order);
  const entries = keys.flatMap((key) => {
    const estimate = metrics[key];
    if (estimate === undefined) return [];
    const { symbol, scale } = readableUnit({ metric: metricOf(key) }, estimate, oneIteration);
    const inUnit = (value: number): number => {
      const scaled = value / scale;
      return Number.isInteger(scaled) ? scaled : Number(scaled.toPrecision(digits));
    };
    const { value, low, high, samples } = estimate;
    return [[key, { value: inUnit(value), low: inUnit(low), high: inUnit(high), unit: symbol, samples }] as const];
  });
  return { metrics: Object.fromEntries(entries) };
}

function metricOf(key: string): Parameters<typeof metricKey>[0] {
  const parsed = isMeasured(key) ? parseMetric(key) : null;
  return parsed?.ok === true ? parsed.value : { kind: 'reported', name: key };
}

const writtenTime = (ms: number | null): string | null => (ms === null ? null : formatTime(ms * 1e6));

function writtenProcedure({ warmup, runs, cooldownMs, timeMs }: Procedure): Record<string, unknown> {
  return { warmup, runs, cooldown: writtenTime(cooldownMs === 0 ? null : cooldownMs), time: writtenTime(timeMs) };
}

/** Whether git left both sides of a merge in a text. */
export const hasConflict = (text: string): boolean => /^(?:<{7}|>{7})(?: |$)/m.test(text);

/** Reads what `writeBaseline` wrote; the error says in a few words what is wrong with it. */
export function readBaseline(text: string): Result<CapturedBaseline, string> {
  if (hasConflict(text)) return err(l10n.t('has a merge conflict'));
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return err(l10n.t('is not valid JSON'));
  }
  const top = new Fields(json);
  const version = top.number('version');
  if (version !== null && version > 1)
    return err(l10n.t('was written by a newer version of Perf Budget; update this one'));
  const name = top.text('name');
  const at = readDate(top.text('captured') ?? '');
  const machine = new Fields(top.value('machine'));
  const machineId = machine.text('id');
  const commit = top.text('commit');
  if (version === null || name === null || !isBaselineName(name) || at === null || machineId === null) {
    return err(l10n.t('is not a captured baseline'));
  }
  if (commit !== null && !isCommit(commit)) return err(l10n.t('has an invalid commit'));
  const uncommitted = top.value('uncommitted');
  const on = new Fields(uncommitted).text('on');
  return ok({
    name,
    at,
    reason: top.text('reason') ?? '',
    automatic: top.value('automatic') === true,
    commit,
    uncommitted: uncommitted === undefined ? null : { on: on !== null && isCommit(on) ? on : null },
    machine: {
      cpu: machine.text('cpu') ?? '',
      cores: machine.number('cores') ?? 0,
      os: machine.text('os') ?? '',
      node: machine.text('node') ?? '',
      power: oneOf(machine.text('power'), ['mains', 'battery']),
      governor: machine.text('governor'),
      virtual: typeof machine.value('virtual') === 'boolean' ? machine.value('virtual') === true : null,
      memory: machine.number('memory') ?? 0,
    },
    machineId,
    accepts: top.list('accepts').filter((line) => typeof line === 'string'),
    figures: top.list('figures').flatMap((one) => readFigures(new Fields(one)) ?? []),
  });
}

/** Whether a baseline can have this name: `auto` means whichever there is, `HEAD` the last commit, `none` none. */
export function isBaselineName(name: string): boolean {
  const isTaken = ['auto', 'HEAD', 'none'].includes(name);
  return name.trim() === name && name !== '' && !isTaken && !/\p{Cc}/u.test(name);
}

const isCommit = (text: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);

function readFigures(fields: Fields): BudgetFigures | null {
  const budget = fields.text('budget');
  const benchmark = fields.text('benchmark');
  const verdict = oneOf(fields.text('verdict'), ['pass', 'warn', 'fail', 'undecided', 'error']);
  if (budget === null || benchmark === null || verdict === null) return null;
  const all = fields.value('metrics');
  const entries = typeof all === 'object' && all !== null ? Object.entries(all) : [];
  const metrics = entries.flatMap(([key, value]) => {
    const estimate = readEstimate(key, new Fields(value));
    return estimate === null ? [] : [[key, estimate] as const];
  });
  const procedure = new Fields(fields.value('procedure'));
  return {
    budget,
    benchmark,
    verdict,
    procedure: {
      warmup: procedure.number('warmup'),
      runs: procedure.number('runs'),
      cooldownMs: readTime(procedure.text('cooldown')) ?? 0,
      timeMs: readTime(procedure.text('time')),
    },
    metrics: Object.fromEntries(metrics),
  };
}

function readTime(text: string | null): number | null {
  const read = parseQuantity(text ?? '');
  return read.ok && read.value.unit?.dimension === 'time' ? read.value.value / 1e6 : null;
}

function readEstimate(key: string, fields: Fields): Estimate | null {
  const [value, low, high, samples] = [
    fields.number('value'),
    fields.number('low'),
    fields.number('high'),
    fields.number('samples'),
  ];
  const symbol = fields.text('unit');
  if (value === null || low === null || high === null || samples === null || symbol === null) return null;
  const measured = isMeasured(key);
  const unit = measured && symbol !== '' ? unitOf(symbol) : freeUnit(symbol);
  if (unit === null) return null;
  const scale = unit.scale;
  return {
    ...{ value: value * scale, low: low * scale, high: high * scale, samples },
    ...(!measured && symbol !== '' && { unit: symbol }),
  };
}

function oneOf<T extends string>(text: string | null, words: readonly T[]): T | null {
  return words.find((word) => word === text) ?? null;
}

/** Reads fields of an unknown value. A field that is missing or of another type reads as null, or as an empty list. */
class Fields {
  constructor(readonly of: unknown) {}

  value(key: string): unknown {
    if (typeof this.of !== 'object' || this.of === null || !Object.hasOwn(this.of, key)) return undefined;
    return Object.getOwnPropertyDescriptor(this.of, key)?.value as unknown;
  }

  text(key: string): string | null {
    const value = this.value(key);
    return typeof value === 'string' ? value : null;
  }

  number(key: string): number | null {
    const value = this.value(key);
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  }

  list(key: string): readonly unknown[] {
    const value = this.value(key);
    return Array.isArray(value) ? value : [];
  }
}
