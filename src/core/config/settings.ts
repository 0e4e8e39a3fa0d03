import * as l10n from '@vscode/l10n';
import {
  answerKinds,
  isolations,
  severities,
  type Defaults,
  type Ladder,
  type Procedure,
  type RunSettings,
  type Severity,
  type Steps,
  type Waiver,
} from '../language/budget.js';
import { parseMetric } from '../language/check.js';
import { rangeOf, type Entry, type JsoncReader, type Node } from './jsonc.js';
import { metricDirection, metricKey } from '../language/metric.js';
import { noUnit, parseQuantity, readQuantity, skipSpaces } from '../language/quantity.js';
import { isDay } from './day.js';

/** The entries of an object by key, as `JsoncReader.object` returns them. */
type Entries = ReadonlyMap<string, Entry>;

const stepKeys = [...severities, 'fail'] as const;
export const regressionKeys = [...stepKeys, 'metrics'] as const;

/** The keys about a run, for one budget and in `defaults` alike. */
export const runKeys = ['isolation', 'answers', 'warmup', 'runs', 'time'] as const;

export const captureKeys = ['warmup', 'runs', 'cooldown', 'time'] as const;

export const waiverKeys = ['until', 'reason'] as const;

/** The settings that `defaults` and a budget share. */
export type Shared = Omit<Defaults, 'ignore' | 'capture'>;

export const defaultSettings: Defaults = {
  regression: { low: 0.05, medium: 0.1, high: 0.15, critical: 0.2, fail: 'medium', metrics: {} },
  tolerance: 0,
  timeMs: 2000,
  baseline: 'auto',
  isolation: 'bundle',
  answers: 'any',
  warmup: null,
  runs: null,
  capture: null,
  ignore: ['**/node_modules/**', '**/.git/**', '**/dist/**'],
};

const oneRun: RunSettings['work'] = { amount: 1, counts: 'ops' };

const sharedKeys = ['regression', 'tolerance', 'baseline', ...runKeys] as const;

/** Reads the settings that `defaults` and a budget share; missing ones come from `otherwise`. */
export function readShared(json: JsoncReader, entries: Entries, otherwise: Shared): Shared {
  if (!sharedKeys.some((key) => entries.has(key))) return otherwise;
  const value = (key: (typeof sharedKeys)[number]): Node | undefined => entries.get(key)?.value;
  const time = readAmount(json, value('time'), 'time', '"time"');
  return {
    regression: readRegression(json, value('regression'), otherwise.regression),
    tolerance: readAmount(json, value('tolerance'), 'share', '"tolerance"') ?? otherwise.tolerance,
    timeMs: time === null ? otherwise.timeMs : time / 1e6,
    baseline: json.string(value('baseline'), '"baseline"')?.trim() ?? otherwise.baseline,
    isolation: json.word(value('isolation'), '"isolation"', isolations) ?? otherwise.isolation,
    answers: json.word(value('answers'), '"answers"', answerKinds) ?? otherwise.answers,
    warmup: json.count(value('warmup'), '"warmup"', 0) ?? otherwise.warmup,
    runs: json.count(value('runs'), '"runs"', 1) ?? otherwise.runs,
  };
}

/** Reads how a capture measures; null if the file does not say. */
export function readCapture(json: JsoncReader, node: Node | undefined): Procedure | null {
  const entries = json.object(node, captureKeys, '"capture"');
  if (entries === null) return null;
  const value = (key: (typeof captureKeys)[number]): Node | undefined => entries.get(key)?.value;
  const cooldown = readAmount(json, value('cooldown'), 'time', '"cooldown"');
  const time = readAmount(json, value('time'), 'time', '"time"');
  return {
    warmup: json.count(value('warmup'), '"warmup"', 0),
    runs: json.count(value('runs'), '"runs"', 1),
    cooldownMs: (cooldown ?? 0) / 1e6,
    timeMs: time === null ? null : time / 1e6,
  };
}

/** Reads the tags, each once, and skips entries that are not tags. */
export function readTags(json: JsoncReader, node: Node | undefined): readonly string[] {
  const tags = new Set<string>();
  for (const one of json.list(node, '"tags"') ?? []) {
    const tag = json.string(one, l10n.t('Each entry of "tags"'))?.trim();
    if (tag === undefined) continue;
    if (tags.has(tag))
      json.problem(rangeOf(one), l10n.t`"${tag}" is already a tag of this budget; this one is ignored.`);
    tags.add(tag);
  }
  return [...tags];
}

/** Reads a waiver; null if there is none, or if it lacks its day or its reason. */
export function readWaiver(json: JsoncReader, entry: Entry | undefined): Waiver | null {
  const entries = json.object(entry?.value, waiverKeys, '"waived"');
  if (entry === undefined || entries === null) return null;
  const [until, reason] = waiverKeys.map((key) => {
    const value = entries.get(key)?.value;
    if (value !== undefined) return json.string(value, `"${key}"`)?.trim() ?? null;
    const example = key === 'until' ? '"until": "2027-01-31"' : l10n.t('"reason": "the new parser lands in March"');
    return json.missing(entry.value, rangeOf(entry.key), l10n.t`A waiver needs ${example}.`);
  });
  const day = entries.get('until')?.value;
  if (until && day !== undefined && !isDay(until)) {
    return json.problem(rangeOf(day), l10n.t(`"until" must be the last day of the waiver, such as "2027-01-31".`));
  }
  return until && reason ? { until, reason } : null;
}

/** Returns how benchmarks are run if only the shared settings are known. */
export const runOf = ({ isolation, answers, warmup, runs, timeMs }: Shared): RunSettings => ({
  work: oneRun,
  cycles: null,
  concurrency: 1,
  ...{ warmup, runs, timeMs, isolation, answers },
});

function readRegression(json: JsoncReader, node: Node | undefined, otherwise: Ladder): Ladder {
  const entries = json.object(node, regressionKeys, '"regression"');
  if (entries === null) return otherwise;
  const steps = readSteps(json, entries, otherwise);
  const metrics = { ...otherwise.metrics };
  for (const [name, { key, value }] of json.object(entries.get('metrics')?.value, null, '"metrics"') ?? []) {
    const metric = parseMetric(name);
    if (!metric.ok) {
      json.inside(key, metric.error);
    } else if (metricDirection(metric.value) === null) {
      json.problem(
        rangeOf(key),
        l10n.t`Perf Budget cannot know whether a lower or a higher "${name}" is better. Use a check instead.`,
      );
    } else {
      const own = json.object(value, stepKeys, `"${name}"`);
      const metricName = metricKey(metric.value);
      if (own !== null) metrics[metricName] = readSteps(json, own, metrics[metricName] ?? steps);
    }
  }
  return { ...steps, metrics };
}

/** Reads steps. Missing ones come from `otherwise`; so do all thresholds if they would not rise. */
function readSteps(json: JsoncReader, entries: Entries, otherwise: Steps): Steps {
  const { low, medium, high, critical } = otherwise;
  const fail = json.word(entries.get('fail')?.value, '"fail"', severities) ?? otherwise.fail;
  const ladder: Record<Severity, number> = { low, medium, high, critical };
  for (const severity of severities) {
    ladder[severity] = readAmount(json, entries.get(severity)?.value, 'share', `"${severity}"`) ?? ladder[severity];
  }
  for (const [index, severity] of severities.entries()) {
    const milder = severities[index - 1];
    if (milder === undefined || ladder[milder] <= ladder[severity]) continue;
    const wrong = entries.get(severity) ?? entries.get(milder);
    const message = l10n.t`The thresholds must rise, but "${severity}" is below "${milder}". The defaults are used instead.`;
    if (wrong !== undefined) json.problem(rangeOf(wrong.value), message);
    return { low, medium, high, critical, fail };
  }
  return { ...ladder, fail };
}

/** Reads what one iteration counts as: `12000 lines`, `1 MB`; one run of the benchmark if the file does not say. */
export function readWork(json: JsoncReader, node: Node | undefined): RunSettings['work'] {
  const text = json.string(node, '"work"');
  if (text === null || node === undefined) return oneRun;
  const read = readQuantity(text, skipSpaces(text, 0), 'free');
  const wrong = (): RunSettings['work'] => {
    json.problem(rangeOf(node), l10n.t('"work" must be an amount, such as "12000 lines" or "1 MB".'));
    return oneRun;
  };
  if (!read.ok) {
    json.inside(node, read.error);
    return oneRun;
  }
  const { value, unit, range } = read.value;
  if (unit === null || skipSpaces(text, range.end) < text.length || !(value > 0)) return wrong();
  if (unit.dimension === 'size') return { amount: value, counts: 'B' };
  return unit.dimension === 'count' && !/[/%]/.test(unit.symbol) ? { amount: value, counts: unit.symbol } : wrong();
}

/** Reads the unit of a figure recorded by hand; an empty text means no unit. */
export function readManualUnit(json: JsoncReader, node: Node): typeof noUnit | null {
  const text: unknown = node.value;
  if (text === '') return noUnit;
  const symbol = json.string(node, '"manual"')?.trim();
  if (symbol === undefined) return null;
  const read = readQuantity(`1 ${symbol}`, 0, 'free');
  if (read.ok && read.value.unit !== null && read.value.range.end === symbol.length + 2) return read.value.unit;
  return json.problem(rangeOf(node), l10n.t(`"manual" must be a unit, such as "%/h" or "MB", or "" for none.`));
}

/** Reads a time in nanoseconds, or a share as a fraction. */
function readAmount(
  json: JsoncReader,
  node: Node | undefined,
  dimension: 'share' | 'time',
  what: string,
): number | null {
  const text = json.string(node, what);
  if (text === null || node === undefined) return null;
  const parsed = parseQuantity(text);
  if (!parsed.ok) return json.inside(node, parsed.error);
  const { value, unit } = parsed.value;
  if (dimension === 'time') {
    if (unit?.dimension !== 'time' || value <= 0)
      return json.problem(rangeOf(node), l10n.t`${what} must be a time above zero, such as "2 s".`);
  } else if (unit?.dimension !== 'share' || value < 0) {
    return json.problem(rangeOf(node), l10n.t`${what} must be a percentage, such as "10%".`);
  } else if (what === '"tolerance"' && value >= 1) {
    return json.problem(rangeOf(node), l10n.t('"tolerance" must be under 100%.'));
  }
  return value;
}
