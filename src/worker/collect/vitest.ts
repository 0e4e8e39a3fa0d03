import type { Collector } from './collector.js';
import { majorOf } from './installed.js';
import { nameOf } from './titles.js';
import { partsOf } from './vitest-bench.js';
import { chainable, type Flags } from './vitest-chain.js';
import { Fixtures, type Cleanup } from './vitest-fixtures.js';
import { expect, viOf } from './vitest-parts.js';
import {
  chosenOf,
  hasOnly,
  hookNames,
  outward,
  type Anything,
  type HookName,
  type Leaf,
  type Suite,
} from './vitest-suite.js';
import { TestRun } from './vitest-tests.js';

/** The latest version, if none is installed. */
const latest = 5;

/** Vitest's API: `bench` of versions 1 to 4, and the `bench` of a test's context in version 5. */
export class Vitest {
  readonly #root: Suite = suiteOf([], {}, null, null);
  #current = this.#root;
  readonly #installed = majorOf('vitest');
  readonly #major = this.#installed ?? latest;
  readonly #run: TestRun;
  /** What ends the fixtures of the file, and its `beforeAll` hooks. */
  readonly #cleanups: Cleanup[] = [];
  #begun: Promise<void> | null = null;
  #running: Promise<void> = Promise.resolve();
  readonly exports: Readonly<Record<string, unknown>>;

  constructor(private readonly collector: Collector) {
    this.#run = new TestRun(collector, this.#cleanups);
    const fixtures = new Fixtures(this.#cleanups);
    const major = this.#major;
    const describe = chainable({ call: (flags, args) => this.#describe(flags, args), hasContext: false, major });
    const bench = chainable({ call: (flags, args) => this.#bench(flags, args), hasContext: false, major });
    const test = this.#testOf(fixtures, describe);
    const nothing = () => undefined;
    const vi = viOf(collector);
    this.exports = {
      ...this.#hooksOf(fixtures),
      ...{ bench, describe, suite: describe, test, it: test, vi, vitest: vi },
      onTestFinished: this.#run.onTestFinished,
      onTestFailed: this.#run.onTestFailed,
      inject: () => collector.refuse('inject() of vitest'),
      ...{ expect, assert: expect, should: expect, chai: expect, expectTypeOf: expect, assertType: nothing },
    };
  }

  /** Evaluates the suites in vitest's order, and passes their benchmarks to the collector. */
  async collect(): Promise<void> {
    await this.#expand(this.#root);
    const onlyMode = hasOnly(this.#root);
    // Up to version 4, a file of benches runs no tests.
    if ((this.#installed ?? 0) < latest && (this.#installed !== null || hasBench(this.#root)))
      this.#keep(this.#root, onlyMode, false);
    else await (this.#running = this.#run.suite(this.#root, onlyMode, false));
  }

  /** Lets a test that was held go on to its end, and ends what the file has begun. */
  async end(): Promise<void> {
    this.collector.release();
    await this.#running;
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  #describe(given: Flags, [name, ...rest]: readonly unknown[]): void {
    const factory = rest.find((each) => typeof each === 'function') ?? null;
    const path = [...this.#current.path, nameOf(name)];
    const flags = { ...given, ...optionsOf(rest) };
    this.#current.children.push(suiteOf(path, flags, this.#current, factory as Anything | null));
  }

  #bench(flags: Flags, [name, ...rest]: readonly unknown[]): void {
    this.#add({ kind: 'bench', name, flags, fn: functionOf(name, rest), options: optionsOf(rest) });
  }

  #add(leaf: Omit<Leaf, 'name' | 'fixtures'> & { readonly name: unknown; readonly fixtures?: Fixtures }): void {
    const { fixtures = new Fixtures(this.#cleanups) } = leaf;
    this.#current.children.push({ ...leaf, name: nameOf(leaf.name), fixtures });
    this.collector.activity++;
  }

  /** Returns `test` with its fixtures; `extend` makes another one. */
  #testOf(fixtures: Fixtures, describe: unknown): unknown {
    const call = (given: Flags, [name, ...rest]: readonly unknown[]): void => {
      const fn = (rest.find((each) => typeof each === 'function') ?? null) as Anything | null;
      const options = optionsOf(rest);
      this.#add({ kind: 'test', name, flags: { ...given, ...options }, fn, options, fixtures });
    };
    const override = (...given: [unknown, unknown?, unknown?]): unknown => {
      fixtures.override(outward(this.#current), ...given);
      return test;
    };
    const extend = (...given: [unknown, unknown?, unknown?]) => this.#testOf(fixtures.extend(...given), describe);
    const more = { ...this.#hooksOf(fixtures), describe, suite: describe, extend, override, scoped: override };
    const test = chainable({ call, hasContext: true, major: this.#major, more: () => more });
    return test;
  }

  #hooksOf(fixtures: Fixtures): Record<HookName, (fn: Anything) => void> {
    const add = (name: HookName) => (fn: Anything) => void this.#current.hooks[name].push({ fn, fixtures });
    return Object.fromEntries(hookNames.map((name) => [name, add(name)])) as Record<HookName, (fn: Anything) => void>;
  }

  /** Defines what a suite has. What it throws loses none of the others, and none of its own that are defined by then. */
  async #expand(suite: Suite): Promise<void> {
    this.#current = suite;
    try {
      await suite.factory?.(this.exports['test']);
    } catch (error) {
      this.collector.fail(suite.path, error);
    }
    for (const child of suite.children) if (child.kind === 'suite') await this.#expand(child);
    this.#current = this.#root;
  }

  /** Adds the benches that are left. Vitest runs the hooks of the file before them, and none of those of its suites. */
  #keep(suite: Suite, onlyMode: boolean, isIncluded: boolean): void {
    for (const { child, isIncluded: isAll } of chosenOf(suite, onlyMode, isIncluded)) {
      if (child.kind === 'suite') this.#keep(child, onlyMode, isAll);
      else if (child.kind === 'bench') {
        const parts = partsOf(child.fn, child.options, child.name, () => (this.#begun ??= this.#begin()));
        this.collector.add([...suite.path, child.name], parts);
      }
    }
  }

  async #begin(): Promise<void> {
    const { beforeAll, afterAll } = this.#root.hooks;
    this.#cleanups.push(
      ...afterAll.map(
        ({ fn }) =>
          () =>
            fn({}),
      ),
    );
    for (const { fn } of beforeAll) {
      const cleanup = await fn({});
      if (typeof cleanup === 'function') this.#cleanups.push(cleanup as Cleanup);
    }
  }
}

function suiteOf(path: readonly string[], flags: Flags, parent: Suite | null, factory: Anything | null): Suite {
  const hooks = Object.fromEntries(hookNames.map((name) => [name, []])) as unknown as Suite['hooks'];
  return { kind: 'suite', path, flags, parent, factory, children: [], hooks };
}

const hasBench = (suite: Suite): boolean =>
  suite.children.some((child) => child.kind === 'bench' || (child.kind === 'suite' && hasBench(child)));

const optionsOf = (rest: readonly unknown[]): Leaf['options'] =>
  (rest.find((each) => typeof each === 'object' && each !== null) ?? {}) as Leaf['options'];

/** Returns a benchmark's function: one that is not written yet does nothing; anything but a function throws when it runs. */
function functionOf(name: unknown, rest: readonly unknown[]): Anything {
  const found = rest.find((each) => typeof each === 'function');
  if (found !== undefined) return found as Anything;
  const given = rest.find((each) => typeof each !== 'object');
  if (given === undefined && !rest.includes(undefined)) return () => undefined;
  return () => {
    throw new TypeError(`bench("${nameOf(name)}") needs a function, not ${String(given)}`);
  };
}
