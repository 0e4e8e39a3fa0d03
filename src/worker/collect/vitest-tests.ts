import type { Collector } from './collector.js';
import { benchFixture } from './vitest-bench.js';
import type { Cleanup, Context } from './vitest-fixtures.js';
import { expect } from './vitest-parts.js';
import { chosenOf, outward, type Anything, type HookName, type Leaf, type Suite } from './vitest-suite.js';
import { isA } from './signal.js';

/** Thrown by `skip()` of a context. */
class Skipped extends Error {}

const hasPretended = ({ pretended }: Collector): boolean => pretended;

/** Runs the tests of a file as vitest 5 does, because a test defines its benchmarks while it runs. */
export class TestRun {
  /** What the test or the suite that runs now has registered with `onTestFinished` and `onTestFailed`. */
  #current: { readonly finished: Anything[]; readonly failed: Anything[] } | null = null;

  constructor(
    private readonly collector: Collector,
    /** What ends the fixtures of the file. */
    private readonly atEnd: Cleanup[],
  ) {}

  onTestFinished = (fn: Anything): void => void this.#current?.finished.push(fn);
  onTestFailed = (fn: Anything): void => void this.#current?.failed.push(fn);

  /** Runs a suite with what is in it. What one test throws is kept with its name, and takes no other test along. */
  async suite(suite: Suite, onlyMode: boolean, isIncluded: boolean): Promise<void> {
    const state = { hasRun: false };
    const inner = async (): Promise<void> => {
      state.hasRun = true;
      const cleanups: unknown[] = [];
      try {
        for (const hook of suite.hooks.beforeAll) cleanups.push(await this.#suiteHook(hook, suite, []));
        for (const { child, isIncluded: isAll } of chosenOf(suite, onlyMode, isIncluded)) {
          if (child.kind === 'suite') await this.suite(child, onlyMode, isAll);
          else if (child.fn !== null) await this.#test(suite, child, child.fn);
        }
      } catch (error) {
        this.collector.fail(suite.path, error);
      }
      for (const hook of suite.hooks.afterAll.toReversed()) await this.#quietly(() => this.#suiteHook(hook, suite, []));
      for (const cleanup of cleanups.reverse())
        if (typeof cleanup === 'function') await this.#quietly(cleanup as Cleanup);
      if (suite.parent === null) for (const cleanup of this.atEnd.splice(0).reverse()) await this.#quietly(cleanup);
    };
    const around = suite.hooks.aroundAll.reduceRight<() => Promise<void>>(
      (run, hook) => async () => {
        await this.#suiteHook(hook, suite, [run]);
      },
      inner,
    );
    try {
      await around();
      if (!state.hasRun) throw new Error('The `runSuite()` callback was not called in the `aroundAll` hook.');
    } catch (error) {
      this.collector.fail(suite.path, error);
    }
  }

  #suiteHook(
    { fn, fixtures }: Suite['hooks'][HookName][number],
    suite: Suite,
    before: readonly unknown[],
  ): Promise<unknown> {
    const context: Context = {};
    return fixtures.call(fn, context, outward(suite), [], before, true);
  }

  async #test(suite: Suite, leaf: Leaf, fn: Anything): Promise<void> {
    const { collector } = this;
    const { name, fixtures, flags } = leaf;
    const path = [...suite.path, name];
    const suites = outward(suite);
    const cleanups: Cleanup[] = [];
    const own = { finished: [] as Anything[], failed: [] as Anything[] };
    const before = collector.pretended;
    collector.pretended = false;
    const failures: unknown[] = [];
    const attempt = async (run: () => unknown): Promise<void> => {
      try {
        await run();
      } catch (error) {
        if (!isA(error, Skipped)) failures.push(error);
      }
    };
    const context = this.#context(path, own);
    const call = (hook: Anything, rest: readonly unknown[] = []): Promise<unknown> =>
      fixtures.call(hook, context, suites, cleanups, rest);
    const each = async (): Promise<void> => {
      const ends: unknown[] = [];
      const kept = cleanups.length;
      await attempt(async () => {
        for (const one of suites.toReversed()) for (const hook of one.hooks.beforeEach) ends.push(await call(hook.fn));
        await call(fn);
      });
      for (const one of suites) for (const hook of one.hooks.afterEach.toReversed()) await attempt(() => call(hook.fn));
      for (const end of ends.reverse()) if (typeof end === 'function') await attempt(end as Cleanup);
      for (const cleanup of cleanups.splice(kept).reverse()) await attempt(cleanup);
      for (const finished of own.finished.splice(0).reverse()) await attempt(() => finished(context));
      for (const failed of own.failed.splice(0)) if (failures.length > 0) await attempt(() => failed(context));
    };
    const state = { hasRun: false };
    const inner = (): Promise<void> => {
      state.hasRun = true;
      return each();
    };
    const hooks = suites.toReversed().flatMap((one) => one.hooks.aroundEach);
    const around = hooks.reduceRight<() => Promise<unknown>>((run, hook) => () => call(hook.fn, [run]), inner);
    this.#current = own;
    await attempt(async () => {
      await around();
      if (!state.hasRun) throw new Error('The `runTest()` callback was not called in the `aroundEach` hook.');
    });
    for (const cleanup of cleanups.splice(0).reverse()) await attempt(cleanup);
    this.#current = null;
    // What fails on a made-up result would not have failed on a real one.
    if (failures.length > 0 && !hasPretended(collector) && flags.fails !== true) collector.fail(path, failures[0]);
    collector.pretended ||= before;
  }

  #context(path: readonly string[], { finished, failed }: { finished: Anything[]; failed: Anything[] }): Context {
    const skip = (condition?: unknown): void => {
      if (condition !== false) throw new Skipped();
    };
    const name = path.at(-1) ?? '';
    const task = { name, type: 'test', meta: {}, mode: 'run', fullTestName: path.join(' > ') };
    return {
      ...{ task, expect, skip, signal: new AbortController().signal },
      annotate: () => Promise.resolve({}),
      onTestFinished: (fn: Anything) => void finished.push(fn),
      onTestFailed: (fn: Anything) => void failed.push(fn),
      bench: benchFixture(this.collector, path),
    };
  }

  async #quietly(run: () => unknown): Promise<void> {
    try {
      await run();
    } catch {
      // Nothing is left to measure that it could belong to.
    }
  }
}
