import type { Case } from '../case.js';
import { benchmarkjs } from './benchmarkjs.js';
import { mitata } from './mitata.js';
import { Reports } from './reports.js';
import { tinybench } from './tinybench.js';
import { Vitest } from './vitest.js';

/** Keeps what a held script awaits, and with it the script's own variables, from being collected as garbage. */
const heldForEver = new Set<unknown>();

/** What one evaluation of a bundle defined. The bundle's stand-ins for benchmark libraries hand everything to it. */
export class Collector {
  readonly #cases: Case[] = [];
  readonly #names = new Map<string, number>();
  readonly #libraries = new Map<string, unknown>();
  #vitest: Vitest | null = null;
  #held: () => void = () => undefined;

  /** Settles when the script reached the run of the wanted case, and waits there. */
  readonly held = new Promise<void>((resolve) => (this.#held = resolve));
  readonly reports = new Reports();
  /** Whether a run was answered with made-up results: what fails after that is not the user's fault. */
  pretended = false;
  /** Counts what was defined and run, to tell a script that goes on from one that only stays alive. */
  activity = 0;

  /** `wanted`: the name of the case to hold the script at; null to let it run to its end. */
  constructor(private readonly wanted: string | null) {}

  get cases(): readonly Case[] {
    return this.#cases;
  }

  /** Whether everything is defined when the file is evaluated, so that there is nothing to wait for. */
  get declarative(): boolean {
    return this.#libraries.size === 1 && this.#libraries.has('vitest');
  }

  /** The exports of a benchmark library. */
  library(name: string): unknown {
    if (name === 'perf-budget') return this.reports;
    const known = this.#libraries.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name);
    this.#libraries.set(name, made);
    return made;
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

  /** What the file defined to be run after its evaluation: vitest's suites. */
  async settle(): Promise<void> {
    await this.#vitest?.collect();
  }

  /** What the file wants done once, when nothing is measured any more. */
  async end(): Promise<void> {
    await this.#vitest?.end();
  }

  #make(name: string): unknown {
    switch (name) {
      case 'vitest':
        this.#vitest = new Vitest(this);
        return this.#vitest.exports;
      case 'tinybench':
        return tinybench(this);
      case 'mitata':
        return mitata(this);
      case 'benchmark':
        return benchmarkjs(this);
      default:
        throw new Error(`no collector stands in for "${name}"`);
    }
  }
}
