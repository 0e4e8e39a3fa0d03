import type { Code } from './code.js';
import { keyOf } from './match-functions.js';
import { matchLines, type Change, type Line } from './matched-lines.js';
import { alike, similarity, wordsOf } from './similarity.js';
import type { SideTicks, Tick } from './ticks.js';

/** An unchanged line of the current code, or all changed ones of a function, with the samples of both sides. */
export interface Unit {
  now: number;
  old: number;
  readonly changed: boolean;
  /** Samples of the old side, by the texts of the lines that are gone. */
  readonly gone: Map<string, number>;
  /** Samples by line of the current code. */
  readonly lines: Map<number, { readonly column: number; now: number }>;
  /** Where it is if the current code has no sample in it; null if the line is not known. */
  readonly at: { readonly line: number; readonly column: number } | null;
}

/** A function of the current code, with what both sides spend in it. */
export interface FunctionUnits {
  readonly file: string;
  /** Null for code outside of functions. */
  readonly path: string | null;
  readonly package: string | null;
  readonly units: Map<string, Unit>;
  /** Samples of the old side, by the function that they were in there. */
  readonly was: Map<string, number>;
  /** The current samples, for their callers. */
  readonly ticks: Tick[];
}

const lineKey = ({ file, line }: Line): string => `${line}\n${file}`;

/** The key of the unit of which no line is known. */
export const unplacedUnit = 'unplaced';

/** A change of more lines is a rewrite, of which those count that take time. */
const mostReplaced = 50;

/**
 * Brings the samples of both sides together by functions of the current code. What an old line spent counts for the line that it is
 * now, wherever that is; what an old region spent, for the region that has replaced it; what a function spent that is gone, for
 * the new one that is most like it.
 */
export function unitsOf(old: SideTicks, now: SideTicks): Matched {
  const units = new Units(old.code, now.code, [...old.ticks, ...now.ticks]);
  return { functions: units.of(old, now), changedLines: units.changedLines };
}

export interface Matched {
  readonly functions: readonly FunctionUnits[];
  /** The lines of the current code that the user changed, by file. */
  readonly changedLines: ReadonlyMap<string, ReadonlySet<number>>;
}

class Units {
  readonly #functions = new Map<string, FunctionUnits>();
  /** The functions of the current code that have samples in a line. */
  readonly #owners = new Map<string, Set<FunctionUnits>>();
  readonly #newOf: (line: Line) => Line | null;
  readonly #changeOfOld = new Map<string, number>();
  readonly #changeOfNew = new Map<string, number>();
  readonly #changes: readonly Change[];

  constructor(
    readonly old: Code,
    readonly current: Code,
    ticks: readonly Tick[],
  ) {
    // Packages are the same on both sides.
    const own = new Set(ticks.flatMap((tick) => (tick.package === null ? [tick.file] : [])));
    const { newOf, changes } = matchLines(own, old, current);
    this.#newOf = newOf;
    this.#changes = changes;
    for (const [index, change] of changes.entries()) {
      for (const line of change.old) this.#changeOfOld.set(lineKey(line), index);
      for (const line of change.now) this.#changeOfNew.set(lineKey(line), index);
    }
  }

  get changedLines(): ReadonlyMap<string, ReadonlySet<number>> {
    const found = new Map<string, Set<number>>();
    for (const { file, line } of this.#changes.flatMap(({ now }) => now))
      found.set(file, (found.get(file) ?? new Set()).add(line));
    return found;
  }

  of(old: SideTicks, now: SideTicks): readonly FunctionUnits[] {
    for (const tick of now.ticks) this.#addNow(tick);
    const orphans = new Map<string, { file: string; path: string | null; count: number }>();
    for (const tick of old.ticks) {
      if (this.#addOld(tick)) continue;
      const path = pathOf(tick, this.old);
      const orphan = orphans.get(keyOf({ file: tick.file, path })) ?? { file: tick.file, path, count: 0 };
      orphan.count += tick.count;
      orphans.set(keyOf({ file: tick.file, path }), orphan);
    }
    for (const orphan of orphans.values()) this.#adopt(orphan);
    return [...this.#functions.values()];
  }

  #addNow(tick: Tick): void {
    const { file, line, column, count } = tick;
    const owner = this.#function(file, pathOf(tick, this.current), tick.package);
    owner.ticks.push(tick);
    const change = line === null ? undefined : this.#changeOfNew.get(lineKey({ file, line }));
    const unit = this.#unit(owner, change !== undefined, line === null ? null : { line, column });
    unit.now += count;
    if (line === null) return;
    const known = unit.lines.get(line) ?? { column, now: 0 };
    known.now += count;
    unit.lines.set(line, known);
    const owners = this.#owners.get(lineKey({ file, line })) ?? new Set();
    this.#owners.set(lineKey({ file, line }), owners.add(owner));
  }

  /** Returns false if nothing of the current code is known to stand for this line. */
  #addOld(tick: Tick): boolean {
    const { file, line, column, count } = tick;
    const path = pathOf(tick, this.old);
    const add = (owner: FunctionUnits, unit: Unit): true => {
      unit.old += count;
      if (unit.changed && line !== null) {
        const text = this.old.text(file, line);
        unit.gone.set(text, (unit.gone.get(text) ?? 0) + count);
      }
      owner.was.set(path ?? '', (owner.was.get(path ?? '') ?? 0) + count);
      return true;
    };
    if (line === null || tick.package !== null) {
      if (tick.package === null && path !== null && !this.current.has(file, path)) return false;
      const owner = this.#function(file, path, tick.package);
      return add(owner, this.#unit(owner, false, line === null ? null : { line, column }));
    }
    const same = this.#newOf({ file, line });
    if (same !== null) {
      const owner = this.#function(same.file, this.#pathNow(same, column, path), null);
      return add(owner, this.#unit(owner, false, { line: same.line, column }));
    }
    const index = this.#changeOfOld.get(lineKey({ file, line }));
    const change = index === undefined ? undefined : this.#changes[index];
    if (change === undefined) return false;
    // The region has code of this function still, or of exactly one other.
    const owners = this.#ownersOf(change.now);
    const own = owners.find((one) => one.path === path) ?? (owners.length === 1 ? owners[0] : undefined);
    if (own !== undefined) return add(own, this.#replaced(own, change));
    if (path !== null && !this.current.has(file, path)) return false;
    const owner = this.#function(file, path, null);
    return add(owner, this.#replaced(owner, change));
  }

  /** The functions of the current code that have samples in these lines. */
  #ownersOf(lines: readonly Line[]): readonly FunctionUnits[] {
    return [...new Set(lines.flatMap((line) => [...(this.#owners.get(lineKey(line)) ?? [])]))];
  }

  /** Returns what the user changed in a function, with the lines of a change, which may take no time any more. */
  #replaced(owner: FunctionUnits, { now }: Change): Unit {
    const unit = this.#unit(owner, true, null);
    for (const { file, line } of now.slice(0, mostReplaced)) {
      if (file !== owner.file || unit.lines.has(line)) continue;
      const column = Math.max(1, (this.current.lines(file)[line - 1] ?? '').search(/\S/) + 1);
      if (this.current.functionAt(file, line, column) === owner.path) unit.lines.set(line, { column, now: 0 });
    }
    return unit;
  }

  /** A line may hold several functions, of which the one of the same name is meant; else it is the one that has samples there. */
  #pathNow(line: Line, column: number, path: string | null): string | null {
    const there = this.#ownersOf([line]);
    if (there.some((one) => one.path === path)) return path;
    const [only, other] = there;
    if (only !== undefined && other === undefined) return only.path;
    return this.current.functionAt(line.file, line.line, column);
  }

  /** Counts what a function spent that is gone for the new function that is most like it, or for one that took its place. */
  #adopt({ file, path, count }: { readonly file: string; readonly path: string | null; readonly count: number }): void {
    const isNew = (one: FunctionUnits): boolean =>
      one.package === null && one.path !== null && one.was.size === 0 && !this.old.has(one.file, one.path);
    const words = path === null ? [] : wordsOf(this.old.functionText(file, path));
    const name = path?.split('.').at(-1);
    const ranked = [...this.#functions.values()]
      .filter(isNew)
      .map((one) => {
        const likeness = similarity(words, wordsOf(this.current.functionText(one.file, one.path ?? '')));
        return { one, rank: likeness + (one.path?.split('.').at(-1) === name ? 1 : 0) };
      })
      .toSorted((a, b) => b.rank - a.rank);
    const [best] = ranked;
    const owner =
      best !== undefined && (best.rank > alike || ranked.length === 1) ? best.one : this.#function(file, path, null);
    const unit = this.#unit(owner, true, null);
    unit.old += count;
    owner.was.set(path ?? '', (owner.was.get(path ?? '') ?? 0) + count);
  }

  #function(file: string, path: string | null, packageName: string | null): FunctionUnits {
    const key = keyOf({ file: file, path });
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const made: FunctionUnits = { file, path, package: packageName, units: new Map(), was: new Map(), ticks: [] };
    this.#functions.set(key, made);
    return made;
  }

  /** All that the user changed in a function is one, because what was one line may be several now. */
  #unit({ units }: FunctionUnits, changed: boolean, at: Unit['at']): Unit {
    const key = changed ? 'changed' : at === null ? unplacedUnit : `line ${at.line}`;
    const known = units.get(key);
    if (known !== undefined) return known;
    const made: Unit = { now: 0, old: 0, changed, gone: new Map(), lines: new Map(), at };
    units.set(key, made);
    return made;
  }
}

function pathOf({ file, line, column, start }: Tick, code: Code): string | null {
  if (line !== null) return code.functionAt(file, line, column);
  return start === null ? null : code.functionAt(start.file, start.line, start.column);
}
