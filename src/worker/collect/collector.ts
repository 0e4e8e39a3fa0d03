import type { Case } from './case.js';
import { Reports } from './reports.js';

/** What a bench file gets instead of a benchmark library. */
export interface StandIn {
  readonly exports: unknown;
  /** Whether its cases are defined once the file has been evaluated, without a run that the file starts itself. */
  readonly declarative?: boolean;
  /** Runs what the file defined for after its evaluation, such as suites. */
  readonly settle?: () => Promise<void>;
  /** Runs what the file wants once, when nothing is measured any more. */
  readonly end?: () => Promise<void>;
}

/** Makes the stand-in for each library, by its name. */
export type StandIns = Readonly<Record<string, (collector: Collector) => StandIn>>;

/** Keeps what a held script awaits, and with it the script's own variables, from being collected as garbage. */
const heldForEver = new Set<unknown>();

/** What one evaluation of a bundle defined. The bundle's stand-ins for benchmark libraries hand everything to it. */
export class Collector {
  readonly #cases: Case[] = [];
  readonly #names = new Map<string, number>();
  readonly #libraries = new Map<string, StandIn>();
  #held: () => void = () => undefined;

  /** Settles when the script reached the run of the wanted case, and waits there. */
  readonly held = new Promise<void>((resolve) => (this.#held = resolve));
  readonly reports = new Reports();
  /** Whether a run was answered with made-up results: what fails after that is not the user's fault. */
  pretended = false;
  /** Counts what was defined and run, to tell a script that goes on from one that only stays alive. */
  activity = 0;

  /** `wanted`: the name of the case to hold the script at; null to let it run to its end. */
  constructor(
    private readonly wanted: string | null,
    private readonly standIns: StandIns,
  ) {}

  get cases(): readonly Case[] {
    return this.#cases;
  }

  /** Whether everything is defined when the file is evaluated, so that there is nothing to wait for. */
  get declarative(): boolean {
    const used = [...this.#libraries.values()];
    return used.length === 1 && used[0]?.declarative === true;
  }

  /** The exports of a benchmark library. */
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

  /** Takes a case in; names that repeat get ` (2)`, ` (3)`. `path` is the suites' names and its own. */
  add(path: readonly (string | undefined)[], parts: Omit<Case, 'name'>): Case {
    this.activity++;
    const plain = path.filter((part) => part !== undefined && part !== '').join('/');
    const count = (this.#names.get(plain) ?? 0) + 1;
    this.#names.set(plain, count);
    const made = { name: count === 1 ? plain : `${plain} (${count})`, ...parts };
    this.#cases.push(made);
    return made;
  }

  /** Puts another case in the place of one, under its name. */
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
    const holds = cases.some((each) => each.name === this.wanted);
    if (holds) this.#held();
    else this.pretended = true;
    return holds;
  }

  /** What an awaited run gives when the script stops there. */
  forEver<T>(): Promise<T> {
    return new Promise<T>((resolve) => heldForEver.add(resolve));
  }

  /** Runs what the file defined to be run after its evaluation. */
  async settle(): Promise<void> {
    for (const { settle } of this.#libraries.values()) await settle?.();
  }

  /** Runs what the file wants done once, when nothing is measured any more. */
  async end(): Promise<void> {
    for (const { end } of this.#libraries.values()) await end?.();
  }
}
