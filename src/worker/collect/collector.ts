import { inOneLine } from '../../core/language/name-pattern.js';
import type { Case } from './case.js';
import { Reports } from './reports.js';

/** What a suite or a test of a bench file threw; `name`: the path of its names. */
export interface Failure {
  readonly name: string;
  readonly error: unknown;
}

/** What a bench file gets instead of a benchmark library. */
export interface StandIn {
  readonly exports: unknown;
  /** Whether its cases are defined once the file has been evaluated, without a run that the file starts itself. */
  readonly declarative?: boolean;
  /** Runs what the file defers until after its evaluation, such as suites. */
  readonly settle?: () => Promise<void>;
  /** Runs what the file defers until all measurements are done. */
  readonly end?: () => Promise<void>;
}

/** Functions that make the stand-in for a library, by the library's name. */
export type StandIns = Readonly<Record<string, (collector: Collector) => StandIn>>;

/** Keeps what a held script awaits, and with it the script's variables, from being garbage-collected. */
const heldForEver = new Set<unknown>();

/** Thrown where a bench file uses what no stand-in has; the message says so, without a full stop. */
export class Refusal extends Error {}

/** Holds what one evaluation of a bundle defines. The bundle's stand-ins for benchmark libraries pass everything to it. */
export class Collector {
  readonly #cases: Case[] = [];
  readonly #names = new Map<string, number>();
  readonly #libraries = new Map<string, StandIn>();
  #held: () => void = () => undefined;

  /** Settles when the script has reached the run of the wanted case and waits there. */
  readonly held = new Promise<void>((resolve) => (this.#held = resolve));
  readonly reports = new Reports();
  /** The cases of the run at which the script is held: none of them needs what comes after it. */
  #atHold: readonly Case[] = [];
  /** Whether a run got made-up results: what fails after that is not the user's fault. */
  pretended = false;
  /** Counts definitions and runs, to tell a script that goes on from one that only stays alive. */
  activity = 0;

  /** What suites and tests threw: nothing is known of what they would have defined after that. */
  readonly failures: Failure[] = [];
  readonly #wanted: string | null;
  #isReleased = false;
  #release: () => void = () => undefined;
  readonly #released = new Promise<void>((resolve) => (this.#release = resolve));

  /** `wanted`: the name of the case to hold the script at; null to let it run to its end. `means`: whether a name is that one. */
  constructor(
    wanted: string | null,
    private readonly standIns: StandIns,
    private readonly means = (name: string, wanted: string): boolean => name === wanted,
  ) {
    this.#wanted = wanted;
  }

  get cases(): readonly Case[] {
    return this.#cases;
  }

  /** Whether everything is defined when the file is evaluated, so that there is nothing to wait for. */
  get declarative(): boolean {
    const used = [...this.#libraries.values()];
    return used.length === 1 && used[0]?.declarative === true;
  }

  /** The names of the cases that can be measured from where the script is now. */
  get together(): readonly string[] {
    return (this.declarative && this.#atHold.length === 0 ? this.#cases : this.#atHold).map(({ name }) => name);
  }

  /** Keeps what one suite or test of the file threw, so that the others are measured all the same. */
  fail(path: readonly string[], error: unknown): void {
    if (this.#wanted !== null && this.#isReleased) return;
    this.failures.push({ name: inOneLine(path.join('/')), error });
  }

  /** Returns the exports of a benchmark library. Throws if no stand-in is known. */
  library(name: string): unknown {
    if (name === 'perf-budget') return this.reports;
    const known = this.#libraries.get(name);
    if (known !== undefined) return known.exports;
    const make = this.standIns[name];
    if (make === undefined) throw new Error(`no collector stands in for "${name}"`);
    const made = make(this);
    this.#libraries.set(name, made);
    return made.exports;
  }

  /** Adds a case; repeated names get ` (2)`, ` (3)`. `path` has the names of its suites and its own. */
  add(path: readonly (string | undefined)[], parts: Omit<Case, 'name'>): Case {
    this.activity++;
    const plain = inOneLine(path.filter((part) => part !== undefined && part !== '').join('/'));
    const count = (this.#names.get(plain) ?? 0) + 1;
    this.#names.set(plain, count);
    const made = { name: count === 1 ? plain : `${plain} (${count})`, ...parts };
    this.#cases.push(made);
    return made;
  }

  /** Replaces a case with another one of the same name. */
  replace(replaced: Case, parts: Omit<Case, 'name'>): Case {
    this.activity++;
    const made = { name: replaced.name, ...parts };
    this.#cases.splice(this.#cases.indexOf(replaced), 1, made);
    return made;
  }

  remove(removed: Case): void {
    const at = this.#cases.indexOf(removed);
    if (at !== -1) this.#cases.splice(at, 1);
  }

  /** Whether the script stops at the run of these cases. If not, it gets made-up results and goes on. */
  holdsAt(cases: readonly Case[]): boolean {
    this.activity++;
    const wanted = this.#wanted;
    const holds = !this.#isReleased && wanted !== null && cases.some((each) => this.means(each.name, wanted));
    if (holds) {
      this.#atHold = cases;
      this.#held();
    } else this.pretended = true;
    return holds;
  }

  /** What the file uses that no stand-in does; null if there is nothing. */
  refused: string | null = null;

  /** Ends the script, because what it asks for is not done here, and figures without it would be of something else. */
  refuse(what: string): never {
    this.refused ??= `the bench file uses ${what}, which Perf Budget does not support`;
    throw new Refusal(this.refused);
  }

  /** Returns what the script awaits when it stops at a run: a promise that never settles. */
  forEver<T>(): Promise<T> {
    return new Promise<T>((resolve) => heldForEver.add(resolve));
  }

  /** Returns what a test awaits when it stops at a run: it goes on when all measurements are done, so that it ends. */
  untilReleased(): Promise<void> {
    return this.#released;
  }

  /** Lets what stopped at a run go on, with made-up results. */
  release(): void {
    this.#isReleased = true;
    this.pretended = true;
    this.#release();
  }

  /** Runs what the file defers until after its evaluation. */
  async settle(): Promise<void> {
    for (const { settle } of this.#libraries.values()) await settle?.();
  }

  /** Runs what the file defers until all measurements are done. */
  async end(): Promise<void> {
    for (const { end } of this.#libraries.values()) await end?.();
  }
}
