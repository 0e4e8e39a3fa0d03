import type { Cause, CauseLine, Explanation, Figure } from '../results/causes.js';
import type { Code } from './code.js';
import { headersAround } from './headers.js';
import { keyOf } from './match-functions.js';
import { nativeCallLine } from './native-call.js';
import { similarity, wordsOf } from './similarity.js';
import type { SideTicks, Tick } from './ticks.js';
import { unitsOf, unplacedUnit, type FunctionUnits, type Matched, type Unit } from './units.js';

/** What the verdict knows of an iteration's time, which a profile only divides. */
export interface MeasuredTimes {
  /** Nanoseconds. */
  readonly baseline: number;
  readonly current: number;
  /** The interval of their ratio. */
  readonly low: number;
  readonly high: number;
}

/** Samples come a little more unevenly than at random, because slices begin and end, and the clock of the sampler has a rhythm. */
const overdispersion = 1.5;
/** By how much the time of the same code differs between two processes, because it lies elsewhere in memory. */
const layout = { changed: 0.02, unchanged: 0.04 };
/** How many standard errors a difference must be from nothing: code that nobody has touched is blamed only if it is certain. */
const certain = { changed: 2.5, unchanged: 4 };
/** The least part of the difference that is a cause. */
const leastShare = { changed: 0.05, unchanged: 0.15 };
/** The part of a function's samples that a call has to account for to be the reason of its growth. */
const mostOf = 0.6;
const mostCauses = 5;
/** A function has so many lines listed, which have at least this part of the difference. */
const mostLines = 5;
const leastOfLine = 0.1;
/** The likeness of two lines above which one stands for the other. */
const akin = 0.15;

/** A function, or a line with what it calls, and the samples of both sides. */
interface Candidate {
  readonly owner: FunctionUnits;
  old: number;
  now: number;
  changed: boolean;
  /** The line that the user changed, of which the time is that of the functions it calls. */
  readonly call: { readonly line: number; readonly callees: FunctionUnits[] } | null;
}

/**
 * Divides the difference of the times of both sides among functions and lines. The shares of a side come from the samples of its
 * profile; how long an iteration takes, from the verdict, which processes without a profiler have reached. Of slower code, the
 * causes are what became slower; of faster code, what became faster. Names none for what may as well be chance.
 */
export function explainTime(old: SideTicks, now: SideTicks, times: MeasuredTimes): Explanation {
  const difference = times.current - times.baseline;
  const whole = { baseline: figureOf(times.baseline, times), current: figureOf(times.current, times) };
  const nothing: Explanation = { metric: 'time', ...whole, causes: [], explained: null, note: null };
  if ((times.low <= 1 && times.high >= 1) || old.total === 0 || now.total === 0) return nothing;
  const direction = Math.sign(difference);
  const scale = { old: times.baseline / old.total, now: times.current / now.total };
  const relative = (Math.log(times.high / times.low) / 4) * (times.current / Math.abs(difference));
  /** The time that it gained, in the direction of the whole difference, and its standard error. */
  const gain = (part: { readonly old: number; readonly now: number }, changed: boolean): Gain => {
    const [a, b] = [part.old * scale.old, part.now * scale.now];
    const sampling = overdispersion * (part.old * scale.old ** 2 + part.now * scale.now ** 2);
    const moved = (changed ? layout.changed : layout.unchanged) * Math.max(a, b);
    return { value: direction * (b - a), error: Math.hypot(Math.sqrt(sampling), moved) };
  };
  const matched = unitsOf(old, now);
  const candidates = candidatesOf(matched, now, gain);
  const isCause = ({ value, error }: Gain, changed: boolean): boolean => {
    const kind = changed ? 'changed' : 'unchanged';
    return value >= certain[kind] * error && value >= leastShare[kind] * Math.abs(difference);
  };
  const share = ({ value, error }: Gain): Pick<Cause, 'share' | 'low' | 'high'> => {
    const part = value / Math.abs(difference);
    const half = 1.96 * Math.hypot(error / Math.abs(difference), part * relative);
    return { share: part, low: part - half, high: part + half };
  };
  const found: { readonly cause: Cause; readonly gain: number }[] = [];
  for (const candidate of candidates) {
    const own = gain(candidate, candidate.changed);
    if (!isCause(own, candidate.changed)) continue;
    const lines = linesOf(candidate, matched, now, gain, Math.abs(difference));
    const [first] = lines;
    const { owner } = candidate;
    const [callee] = candidate.call?.callees ?? [];
    const was = mostOfAll(owner.was);
    const packageName = owner.package ?? callee?.package ?? null;
    found.push({
      gain: own.value,
      cause: {
        kind: 'time',
        function: owner.path,
        ...(was !== null && was !== '' && was !== owner.path && { was }),
        ...(callee?.path && { callee: callee.path }),
        ...(packageName !== null && { package: packageName }),
        file: owner.file,
        line: first?.line ?? null,
        column: first?.column ?? null,
        text: first?.text ?? '',
        changed: first?.changed ?? false,
        baseline: figureOf(candidate.old * scale.old, times),
        current: figureOf(candidate.now * scale.now, times),
        ...share(own),
        ...(lines.length > 1 && { lines }),
      },
    });
  }
  const collector = { old: old.collector, now: now.collector };
  const collected = gain(collector, true);
  if (isCause(collected, false) || (isCause(collected, true) && found.length === 0))
    found.push({
      gain: collected.value,
      cause: {
        kind: 'garbage collection',
        ...{ function: null, file: null, line: null, column: null, text: '', changed: false },
        baseline: figureOf(collector.old * scale.old, times),
        current: figureOf(collector.now * scale.now, times),
        ...share(collected),
      },
    });
  const causes = found
    .toSorted((a, b) => Number(b.cause.changed) - Number(a.cause.changed) || b.gain - a.gain)
    .slice(0, mostCauses)
    .map(({ cause }) => cause);
  const explained = causes.reduce((sum, cause) => sum + cause.share, 0);
  return { metric: 'time', ...whole, causes, explained, note: null };
}

interface Place {
  readonly line: number;
  readonly column: number;
}

interface Gain {
  readonly value: number;
  readonly error: number;
}

type GainOf = (part: { readonly old: number; readonly now: number }, changed: boolean) => Gain;

/** Returns a candidate for each function, and one for each changed line that calls functions which take longer now. */
function candidatesOf({ functions, changedLines }: Matched, now: SideTicks, gain: GainOf): readonly Candidate[] {
  const byKey = new Map(functions.map((one) => [keyOf(one), one]));
  const candidates = new Map<FunctionUnits, Candidate>();
  const calls = new Map<string, Candidate>();
  const changedIn = new Map<FunctionUnits, readonly number[]>();
  /** The changed lines of a function. */
  const changedOf = (owner: FunctionUnits): readonly number[] => {
    const known = changedIn.get(owner);
    if (known !== undefined) return known;
    const lines = [...(changedLines.get(owner.file) ?? [])].filter((line) => {
      const column = (now.code.lines(owner.file)[line - 1] ?? '').search(/\S/) + 1;
      return now.code.functionAt(owner.file, line, Math.max(1, column)) === owner.path;
    });
    changedIn.set(owner, lines);
    return lines;
  };
  const candidate = (owner: FunctionUnits): Candidate => {
    const known = candidates.get(owner);
    if (known !== undefined) return known;
    const made: Candidate = { owner, old: 0, now: 0, changed: false, call: null };
    candidates.set(owner, made);
    return made;
  };
  for (const owner of functions) {
    const units = [...owner.units.values()];
    const sum = { old: total(units, 'old'), now: total(units, 'now') };
    const changed = owner.was.size === 0 || units.some((unit) => unit.changed);
    const isOwnChange = owner.package === null && units.some((unit) => unit.changed && gain(unit, true).value > 0);
    // If it was renamed, its calls had to change. If it is new, what it does is news itself.
    const isKnown = owner.package !== null || owner.was.has(owner.path ?? '');
    const call = !isKnown || isOwnChange || gain(sum, changed).value <= 0 ? null : callOf(owner, byKey, changedOf, now);
    if (call === null) {
      const own = candidate(owner);
      own.old += sum.old;
      own.now += sum.now;
      own.changed ||= changed && owner.package === null;
      continue;
    }
    const key = `${keyOf(call.caller)}\n${call.line}`;
    const made = calls.get(key) ?? {
      ...{ owner: call.caller, old: 0, now: 0, changed: true, call: { line: call.line, callees: [] } },
    };
    made.old += sum.old;
    made.now += sum.now;
    made.call?.callees.push(owner);
    calls.set(key, made);
  }
  // What the caller itself gains or loses at that line belongs to it.
  for (const call of calls.values()) {
    const own = candidates.get(call.owner);
    if (own === undefined) continue;
    call.old += own.old;
    call.now += own.now;
    candidates.delete(call.owner);
  }
  return [...candidates.values(), ...calls.values()];
}

/** Returns the changed line that calls a function, itself or through others, if most of its samples come from there. */
function callOf(
  owner: FunctionUnits,
  byKey: ReadonlyMap<string, FunctionUnits>,
  changedOf: (owner: FunctionUnits) => readonly number[],
  { code }: SideTicks,
): { readonly caller: FunctionUnits; readonly line: number } | null {
  const counts = new Map<string, { readonly caller: FunctionUnits; readonly line: number; count: number }>();
  let all = 0;
  for (const tick of owner.ticks) {
    all += tick.count;
    const found = changedCall(tick, owner.path);
    if (found === null) continue;
    const key = `${keyOf(found.caller)}\n${found.line}`;
    const known = counts.get(key) ?? { ...found, count: 0 };
    known.count += tick.count;
    counts.set(key, known);
  }
  const best = [...counts.values()].toSorted((a, b) => b.count - a.count)[0];
  return best !== undefined && best.count >= mostOf * all ? best : null;

  function changedCall(tick: Tick, path: string | null): { caller: FunctionUnits; line: number } | null {
    let name = lastName(path);
    for (const { file, line, column } of tick.callers) {
      const callerPath = code.functionAt(file, line, column);
      const caller = byKey.get(keyOf({ file, path: callerPath })) ?? {
        ...{ file, path: callerPath, package: null, units: new Map(), was: new Map(), ticks: [] },
      };
      if (caller !== owner && name !== null) {
        const mention = new RegExp(`(?<![\\p{L}\\p{N}_$])${escaped(name)}(?![\\p{L}\\p{N}_$])`, 'u');
        const at = changedOf(caller).find((each) => mention.test(code.text(file, each)));
        if (at !== undefined) return { caller, line: at };
      }
      name = lastName(callerPath) ?? name;
    }
    return null;
  }
}

/**
 * Returns the lines of a candidate that account for its gain, the one to show first: a line that the user changed and that gained
 * itself; else the changed head of the block that the line with the most gain is in; else that line.
 */
function linesOf(
  { owner, call }: Candidate,
  { changedLines }: Matched,
  { code }: SideTicks,
  gain: GainOf,
  difference: number,
): readonly CauseLine[] {
  const changed = changedLines.get(owner.file) ?? new Set<number>();
  const lineOf = ({ line, column }: Place, value: number): CauseLine => {
    const text = code.text(owner.file, line);
    return { line, column, text, share: value / difference, changed: owner.package === null && changed.has(line) };
  };
  const columnOf = (line: number): number => Math.max(1, (code.lines(owner.file)[line - 1] ?? '').search(/\S/) + 1);
  const all = [...owner.units.values()]
    .flatMap((unit) => gainsOf(unit, owner.file, code, gain))
    .filter(({ value }) => value > 0)
    .toSorted((a, b) => b.value - a.value);
  const listed = all.filter(({ value }) => value >= leastOfLine * difference);
  const andOthers = (first: CauseLine): readonly CauseLine[] => [
    first,
    ...listed
      .filter(({ line }) => line !== first.line)
      .slice(0, mostLines - 1)
      .map((one) => lineOf(one, one.value)),
  ];
  if (call !== null) {
    const callees = call.callees.map((one) => gain({ old: sumOf(one, 'old'), now: sumOf(one, 'now') }, true).value);
    const value = callees.reduce((sum, each) => sum + each, 0);
    return andOthers(lineOf({ line: call.line, column: columnOf(call.line) }, value));
  }
  const unplaced = owner.units.get(unplacedUnit);
  const native = unplaced === undefined ? 0 : gain(unplaced, false).value;
  if (native > (all[0]?.value ?? 0)) {
    const line = nativeCallLine(owner, code, changed);
    return line === null ? [] : andOthers(lineOf({ line, column: columnOf(line) }, native));
  }
  const ownChange = all.find(({ changed: isChanged, value, error }) => isChanged && value >= certain.changed * error);
  const chosen = ownChange ?? all[0];
  if (chosen === undefined) return [];
  const [top] = owner.path === null ? [0] : code.lineRange(owner.file, owner.path);
  const head =
    ownChange === undefined
      ? headersAround(code.lines(owner.file), chosen.line).find((line) => line > top && changed.has(line))
      : undefined;
  const place = head === undefined ? chosen : { line: head, column: columnOf(head) };
  return andOthers(lineOf(place, chosen.value));
}

/**
 * Returns what each line of a unit gained. What an old line took is subtracted from the changed line that is most like it, because
 * a changed region may hold expensive lines that were as expensive before.
 */
function gainsOf(
  { lines, at, gone, changed, old, now }: Unit,
  file: string,
  code: Code,
  gain: GainOf,
): readonly LineGain[] {
  if (!changed) return at === null ? [] : [{ ...at, changed, ...gain({ old, now }, changed) }];
  const before = new Map<number, number>();
  for (const [text, count] of gone) {
    const words = wordsOf(text);
    const akinLine = (isTicked: boolean): number | undefined =>
      Array.from(lines, ([line, one]) => ({ line, isTicked: one.now > 0 }))
        .filter((one) => one.isTicked === isTicked)
        .map(({ line }) => ({ line, likeness: similarity(words, wordsOf(code.text(file, line))) }))
        .filter(({ likeness }) => likeness > akin)
        .toSorted((a, b) => b.likeness - a.likeness)[0]?.line;
    // What takes time now is the first to stand for what took time; a line that takes none any more comes next.
    const line = akinLine(true) ?? akinLine(false);
    if (line !== undefined) before.set(line, (before.get(line) ?? 0) + count);
  }
  return Array.from(lines, ([line, one]) => ({
    ...{ line, column: one.column, changed },
    ...gain({ old: before.get(line) ?? 0, now: one.now }, changed),
  }));
}

interface LineGain extends Gain {
  readonly line: number;
  readonly column: number;
  readonly changed: boolean;
}

const total = (units: readonly Unit[], side: 'old' | 'now'): number => units.reduce((sum, unit) => sum + unit[side], 0);

const sumOf = ({ units }: FunctionUnits, side: 'old' | 'now'): number => total([...units.values()], side);

const lastName = (path: string | null): string | null => path?.split('.').at(-1) ?? null;

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** Returns the name under which most samples were on the old side; null if there were none. */
function mostOfAll(was: ReadonlyMap<string, number>): string | null {
  return [...was].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

const scales = [
  { unit: 's', from: 1e9 },
  { unit: 'ms', from: 1e6 },
  { unit: 'us', from: 1e3 },
] as const;

/** Returns nanoseconds in the unit of the whole, so that a reader can compare the figures. */
function figureOf(nanoseconds: number, { baseline, current }: Pick<MeasuredTimes, 'baseline' | 'current'>): Figure {
  const scale = scales.find(({ from }) => Math.max(baseline, current) >= from) ?? { unit: 'ns', from: 1 };
  return { value: nanoseconds / scale.from, unit: scale.unit };
}
