import type { RatioInterval } from './interval.js';

/** What a version costs, as a ratio to the oldest version. */
export interface Level extends RatioInterval {
  /** Versions with the same code cost the same; null if the code is not known. */
  readonly code: string | null;
}

/** A comparison to make next. Versions are numbered from 0, the oldest. */
export interface Question {
  readonly at: number;
  readonly against: number;
  /** How many times the usual time it may take. */
  readonly patience: number;
  /** Whether to measure again what is known already, because it contradicts something. */
  readonly isFresh: boolean;
  /** Whether this result is precise enough, so that measuring can stop. */
  readonly isEnough: (found: RatioInterval) => boolean;
  /** About how many questions are left after this one. */
  readonly left: number;
}

/** The result of a comparison; null if the version cannot run. */
export type Answer = Level | null;

/** A lasting change of the cost. */
export interface Step {
  /** The last version that is known to cost what it did before, and the first one that costs what it does after. */
  readonly before: number;
  readonly after: number;
  readonly levels: { readonly before: RatioInterval; readonly after: RatioInterval };
  /** Of the version after it to the version before it, which were compared with each other if that was possible. */
  readonly ratio: RatioInterval;
  /** Whether all versions between those two cannot run; otherwise their differences are too small to tell. */
  readonly isLocated: boolean;
}

export interface Steps {
  /** The newest version beside the oldest; null if it cannot run. */
  readonly ends: RatioInterval | null;
  readonly outcome: 'slower' | 'faster' | 'equal' | 'undecided' | 'unable';
  /** In the order of the versions. Empty unless the newest is slower. */
  readonly steps: readonly Step[];
}

/** A smaller step than this, as a fraction, is not worth finding; see `ChangePointOptions`. */
const least = 0.03;
/** Two versions that are certainly within this are taken to be equal, because to tell them apart would take too long. */
const slack = 0.05;
/** An open question is measured for at most this many times the usual time. */
const mostPatience = 4;
/** So many versions in a stretch that nothing can be told of are enough. */
const mostOpen = 4;
/** So often is a stretch searched again after a contradiction. */
const mostDoubts = 2;

/**
 * Finds the versions at which the cost changed, up to number `last`, by comparing few of them with the oldest one. It yields what to
 * compare, and wants the answer as the value of `next`.
 *
 * This is binary segmentation (Scott & Knott, Biometrics 30, 1974) in which looking is what costs: a stretch whose ends differ is
 * split at its middle, and the half with the larger difference is taken until nothing is left to split. That step is confirmed by
 * comparing its two versions with each other. Then the stretches before and after it are searched, as long as their ends differ.
 * What cannot run is passed over, and what cannot be told is measured longer, then its neighbours are tried.
 */
export function* findSteps(last: number): Generator<Question, Steps, Answer> {
  return yield* new Search(last).all();
}

interface Known {
  readonly level: Level;
  readonly patience: number;
}

type Asking<T> = Generator<Question, T, Answer>;

class Search {
  readonly #known = new Map<number, Known>([
    [0, { level: { ratio: 1, low: 1, high: 1, code: null }, patience: Infinity }],
  ]);
  readonly #unable = new Set<number>();
  readonly #steps: Step[] = [];
  #left: number;

  constructor(readonly last: number) {
    this.#left = halvings(last) + 1;
  }

  *all(): Asking<Steps> {
    const ends = yield* this.#ask(this.last, isSettled);
    if (ends === null) return { ends, outcome: 'unable', steps: [] };
    if (!shows(ends)) return { ends, outcome: isSettled(ends) ? 'equal' : 'undecided', steps: [] };
    if (ends.ratio < 1) return { ends, outcome: 'faster', steps: [] };
    yield* this.#search(0, this.last, 0);
    return { ends, outcome: 'slower', steps: this.#steps.toSorted((a, b) => a.after - b.after) };
  }

  /** Finds the steps of a stretch whose ends differ. */
  *#search(from: number, to: number, doubts: number): Asking<void> {
    let [before, after] = [from, to];
    for (;;) {
      this.#left = halvings(after - before) + 1;
      const middle = yield* this.#split(before, after);
      if (middle === null) break;
      const [left, right] = [this.#between(before, middle), this.#between(middle, after)];
      if (shows(left) && (!shows(right) || size(left) >= size(right))) after = middle;
      else before = middle;
    }
    this.#left = 0;
    const found = this.#between(before, after);
    const isLocated = this.#inside(before, after).every((at) => this.#unable.has(at));
    const ratio = isLocated ? yield* this.#direct(before, after) : null;
    if (ratio !== null && !(shows(ratio) && ratio.ratio > 1 === found.ratio > 1)) {
      if (doubts === mostDoubts) return this.#found(from, to, this.#between(from, to));
      yield* this.#again(before);
      yield* this.#again(after);
      if (shows(this.#between(from, to))) yield* this.#search(from, to, doubts + 1);
      return;
    }
    this.#found(before, after, ratio ?? found);
    yield* this.#part(from, before);
    yield* this.#part(after, to);
  }

  /** Finds a version within a stretch whose ends differ, that differs from one of them; null if there is none. */
  *#split(before: number, after: number): Asking<number | null> {
    const [low, high] = [this.#level(before), this.#level(after)];
    const isEnough = (level: Level): boolean => shows(quotient(level, low)) || shows(quotient(high, level));
    let open = 0;
    for (const at of fromTheMiddle(this.#inside(before, after))) {
      if (this.#unable.has(at)) continue;
      const level = yield* this.#ask(at, isEnough);
      if (level === null) continue;
      if (isEnough(level)) return at;
      if (++open >= mostOpen) return null;
    }
    return null;
  }

  /** Searches a stretch if its ends differ, which are compared with each other if their levels do not tell. */
  *#part(from: number, to: number): Asking<void> {
    if (from === to) return;
    const known = this.#between(from, to);
    const ratio = isSettled(known) ? known : yield* this.#direct(from, to);
    if (ratio === null || !shows(ratio)) return;
    for (const at of [to, from]) {
      const other = this.#level(at === to ? from : to);
      yield* this.#ask(at, (level) => shows(quotient(level, other)));
    }
    if (shows(this.#between(from, to))) yield* this.#search(from, to, 0);
    else this.#found(from, to, ratio);
  }

  /** Compares two versions with each other until it is known whether they differ. Returns null if they cannot be compared. */
  *#direct(before: number, after: number): Asking<RatioInterval | null> {
    // Beside the oldest one, or the same code, it has been compared already.
    if (isExact(this.#level(before))) return yield* this.#ask(after, isSettled);
    let ratio: RatioInterval | null = null;
    for (let patience = 1; patience <= mostPatience; patience *= 2) {
      const question = { at: after, against: before, patience, isFresh: false, isEnough: isSettled, left: this.#left };
      const answer = yield question;
      if (answer === null) return ratio;
      ratio = answer;
      if (isSettled(ratio)) break;
    }
    return ratio;
  }

  #found(before: number, after: number, ratio: RatioInterval): void {
    const isLocated = this.#inside(before, after).every((at) => this.#unable.has(at));
    const levels = { before: this.#level(before), after: this.#level(after) };
    this.#steps.push({ before, after, levels, ratio, isLocated });
  }

  /** Returns the level of a version, which is measured longer and longer until it is precise enough; null if it cannot run. */
  *#ask(at: number, isEnough: (level: Level) => boolean): Asking<Level | null> {
    for (;;) {
      const known = this.#known.get(at);
      if (known !== undefined && (isEnough(known.level) || known.patience >= mostPatience)) return known.level;
      const patience = known === undefined ? 1 : 2 * known.patience;
      const isEnoughNow = (found: RatioInterval): boolean => isEnough({ ...found, code: null });
      const answer = yield { at, against: 0, patience, isFresh: false, isEnough: isEnoughNow, left: this.#left };
      if (answer === null && known === undefined) {
        this.#unable.add(at);
        return null;
      }
      // What ran once, and now does not, is as well known as it can be.
      this.#known.set(at, {
        level: answer ?? known?.level ?? unknown,
        patience: answer === null ? Infinity : patience,
      });
    }
  }

  /** Measures again what contradicts something. */
  *#again(at: number): Asking<void> {
    if (at === 0) return;
    const patience = 2;
    const answer = yield { at, against: 0, patience, isFresh: true, isEnough: () => false, left: this.#left };
    if (answer !== null) this.#known.set(at, { level: answer, patience });
  }

  #level(at: number): Level {
    return this.#known.get(at)?.level ?? unknown;
  }

  #between(before: number, after: number): RatioInterval {
    return quotient(this.#level(after), this.#level(before));
  }

  /** The versions between two. */
  #inside(before: number, after: number): readonly number[] {
    return Array.from({ length: after - before - 1 }, (_, index) => before + 1 + index);
  }
}

/** Nothing is asked about a version before it has a level. */
const unknown: Level = { ratio: 1, low: 0, high: Infinity, code: null };

/** Whether a difference is certain, and large enough. */
export const shows = ({ ratio, low, high }: RatioInterval): boolean =>
  low > 1 ? ratio >= 1 + least : high < 1 && ratio <= 1 / (1 + least);

/** Whether it is known if there is a difference. */
export const isSettled = (found: RatioInterval): boolean =>
  shows(found) || (found.low > 1 / (1 + slack) && found.high < 1 + slack);

/** Whether it is the same code as the oldest version. */
const isExact = ({ low, high }: RatioInterval): boolean => low === 1 && high === 1;

const size = ({ ratio }: RatioInterval): number => Math.abs(Math.log(ratio));

const halvings = (length: number): number => Math.ceil(Math.log2(Math.max(1, length)));

/**
 * Returns the ratio of two levels, which were measured independently. The half-widths of their logarithms add up by their squares,
 * separately on each side (MOVER; Zou & Donner, Statistics in Medicine 27, 2008).
 */
function quotient(one: Level, other: Level): RatioInterval {
  if (one.code !== null && one.code === other.code) return { ratio: 1, low: 1, high: 1 };
  const ratio = one.ratio / other.ratio;
  const down = Math.hypot(Math.log(one.ratio / one.low), Math.log(other.high / other.ratio));
  const up = Math.hypot(Math.log(one.high / one.ratio), Math.log(other.ratio / other.low));
  return { ratio, low: ratio * Math.exp(-down), high: ratio * Math.exp(up) };
}

/** Orders the numbers of a stretch by their distance from its middle: first 0, 1, 2, 4, 8, … because neighbours fail together. */
function fromTheMiddle(stretch: readonly number[]): readonly number[] {
  const middle = stretch[(stretch.length - 1) >> 1] ?? 0;
  const distance = (at: number): number => Math.abs(at - middle);
  const isLater = (at: number): number => ((distance(at) & (distance(at) - 1)) === 0 ? 0 : 1);
  return stretch.toSorted((a, b) => isLater(a) - isLater(b) || distance(a) - distance(b));
}
