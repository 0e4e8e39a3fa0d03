import type { Case, Hook } from './case.js';
import type { Collector } from './collector.js';
import { noResult } from './statistics.js';
import { formatted } from './titles.js';
import { chainable, expect, type Flags, vi } from './vitest-parts.js';

type Anything = (...args: unknown[]) => unknown;

interface Suite {
  readonly kind: 'suite';
  readonly path: readonly string[];
  readonly flags: Flags;
  readonly parent: Suite | null;
  readonly factory: Anything | null;
  readonly children: Child[];
  readonly beforeAll: Anything[];
  readonly afterAll: Anything[];
  readonly beforeEach: Anything[];
  /** Runs `beforeAll` of this suite and the ones around it, once. */
  readonly begin: () => Promise<void>;
}

interface Leaf {
  readonly kind: 'bench' | 'test';
  readonly name: string;
  readonly flags: Flags;
  readonly fn: Anything;
  readonly options: Readonly<Record<string, unknown>>;
}

type Child = Suite | Leaf;

/** Vitest's API: `bench` of versions 1 to 4, and the `bench` fixture of version 5. */
export class Vitest {
  readonly #root: Suite = this.#suite([], {}, null, null);
  #current = this.#root;
  readonly #cleanups: Anything[] = [];
  readonly exports: Readonly<Record<string, unknown>>;

  constructor(private readonly collector: Collector) {
    const describe = chainable((flags, args) => this.#describe(flags, args), formatted);
    const test = chainable((flags, args) => this.#add('test', flags, args), formatted);
    const hook = (list: 'beforeAll' | 'afterAll' | 'beforeEach') => (fn: Anything) => this.#current[list].push(fn);
    const nothing = () => undefined;
    this.exports = {
      bench: chainable((flags, args) => this.#add('bench', flags, args), formatted),
      describe,
      suite: describe,
      test,
      it: test,
      beforeAll: hook('beforeAll'),
      afterAll: hook('afterAll'),
      beforeEach: hook('beforeEach'),
      afterEach: nothing,
      aroundAll: nothing,
      aroundEach: nothing,
      onTestFailed: nothing,
      onTestFinished: nothing,
      inject: nothing,
      expect,
      assert: expect,
      should: expect,
      chai: expect,
      expectTypeOf: expect,
      assertType: nothing,
      vi,
      vitest: vi,
    };
  }

  /** Evaluates the suites in vitest's order, and passes their benches to the collector. */
  async collect(): Promise<void> {
    await this.#expand(this.#root);
    await this.#keep(this.#root, this.#hasOnly(this.#root), false);
  }

  /** Runs `afterAll` of the suites that have begun, innermost first. */
  async end(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  #suite(path: readonly string[], flags: Flags, parent: Suite | null, factory: Anything | null): Suite {
    let begun: Promise<void> | null = null;
    const suite: Suite = {
      ...{ kind: 'suite', path, flags, parent, factory },
      ...{ children: [], beforeAll: [], afterAll: [], beforeEach: [] },
      begin: () => (begun ??= this.#begin(suite)),
    };
    return suite;
  }

  async #begin(suite: Suite): Promise<void> {
    await suite.parent?.begin();
    this.#cleanups.push(...[...suite.afterAll].reverse());
    for (const fn of suite.beforeAll) {
      const cleanup = await fn({});
      if (typeof cleanup === 'function') this.#cleanups.push(cleanup as Anything);
    }
  }

  #describe(flags: Flags, [name, ...rest]: readonly unknown[]): void {
    const factory = rest.find((each) => typeof each === 'function') ?? null;
    const path = [...this.#current.path, title(name)];
    this.#current.children.push(this.#suite(path, flags, this.#current, factory as Anything | null));
  }

  #add(kind: Leaf['kind'], flags: Flags, [name, ...rest]: readonly unknown[]): void {
    const fn = functionOf(name, rest);
    const options = (rest.find((each) => typeof each === 'object' && each !== null) ?? {}) as Leaf['options'];
    this.#current.children.push({ kind, name: title(name), flags, fn, options });
    this.collector.activity++;
  }

  async #expand(suite: Suite): Promise<void> {
    this.#current = suite;
    await suite.factory?.(this.exports['test']);
    for (const child of suite.children) if (child.kind === 'suite') await this.#expand(child);
    this.#current = this.#root;
  }

  /** Keeps the benches that `skip`, `todo` and `only` leave, as vitest reads them. */
  async #keep(suite: Suite, onlyMode: boolean, included: boolean): Promise<void> {
    for (const child of suite.children) {
      if (child.flags.skip === true || child.flags.todo === true) continue;
      const chosen = included || child.flags.only === true;
      if (child.kind === 'suite') await this.#keep(child, onlyMode, chosen && !this.#hasOnly(child));
      else if (onlyMode && !chosen) continue;
      else if (child.kind === 'bench') this.#bench(suite, child);
      else await this.#test(suite, child);
    }
  }

  #hasOnly(suite: Suite): boolean {
    return suite.children.some(
      (child) => child.flags.only === true || (child.kind === 'suite' && this.#hasOnly(child)),
    );
  }

  #bench(suite: Suite, { name, fn, options }: Leaf): void {
    this.collector.add([...suite.path, name], { fn, ...hooks(options, name, suite.begin) });
  }

  /** Runs a test only if its function asks for the `bench` of its context. */
  async #test(suite: Suite, { name, fn }: Leaf): Promise<void> {
    if (fn.length === 0 || !/\bbench\b/.test(String(fn))) return;
    await suite.begin();
    const around: Suite[] = [];
    for (let each: Suite | null = suite; each !== null; each = each.parent) around.unshift(each);
    for (const each of around) for (const hook of each.beforeEach) await hook({});
    const nothing = () => undefined;
    const context = { expect, task: { name }, skip: nothing, annotate: nothing, onTestFinished: nothing };
    await fn({ ...context, onTestFailed: nothing, bench: this.#fixture([...suite.path, name]) });
  }

  #fixture(path: readonly string[]): unknown {
    const collector = this.collector;
    const run = (cases: readonly Case[]): Promise<unknown> =>
      collector.holdsAt(cases) ? collector.forEver() : Promise.resolve(cases.map(() => noResult())[0]);
    const bench = (name: unknown, ...rest: readonly unknown[]) => {
      const fn = functionOf(name, rest);
      const options = (rest.find((each) => typeof each === 'object' && each !== null) ?? {}) as Leaf['options'];
      const made = collector.add([...path, title(name)], { fn, ...hooks(options, title(name)) });
      return { name: title(name), made, run: () => run([made]) };
    };
    const stored = (name: string) => ({ name, made: null, run: () => Promise.resolve(noResult()) });
    const compare = async (...registered: { name?: string; made?: Case | null }[]) => {
      const cases = registered.flatMap(({ made }) => made ?? []);
      await run(cases);
      const names = registered.flatMap(({ name }) => name ?? []);
      return new Map(names.map((name) => [name, { name, ...noResult() }]));
    };
    const fixture = Object.assign(bench, { compare, from: stored });
    // It does not matter here where a result is kept.
    return Object.assign(fixture, { perProject: fixture, withBaseline: fixture });
  }
}

/** Returns a benchmark's function: one that is not written yet does nothing; anything but a function throws when it runs. */
function functionOf(name: unknown, rest: readonly unknown[]): Anything {
  const found = rest.find((each) => typeof each === 'function');
  if (found !== undefined) return found as Anything;
  const given = rest.find((each) => typeof each !== 'object');
  if (given === undefined && !rest.includes(undefined)) return () => undefined;
  return () => {
    throw new TypeError(`bench("${title(name)}") needs a function, not ${String(given)}`);
  };
}

/** Bench options are tinybench's: `setup` and `teardown` around a phase, and version 5's hooks around an iteration. */
function hooks(options: Leaf['options'], name: string, ...first: readonly Hook[]): Omit<Case, 'name' | 'fn'> {
  const task = { name };
  const hook = (key: string): Hook[] => {
    const fn = options[key];
    return typeof fn === 'function' ? [(mode) => (fn as Anything).call(task, mode)] : [];
  };
  const around = (key: string): Hook[] => {
    const fn = options[key];
    return typeof fn === 'function' ? [(mode) => (fn as Anything)(task, mode)] : [];
  };
  return {
    before: [...first, ...around('setup'), ...hook('beforeAll')],
    after: [...hook('afterAll'), ...around('teardown')],
    beforeEach: hook('beforeEach'),
    afterEach: hook('afterEach'),
  };
}

const title = (name: unknown): string => (typeof name === 'function' ? name.name || '<anonymous>' : String(name));
