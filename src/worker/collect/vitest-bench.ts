import type { Case, Hook } from './case.js';
import type { Collector } from './collector.js';
import { bound, noResult } from './statistics.js';
import { nameOf } from './titles.js';
import type { Anything } from './vitest-suite.js';

type Options = Readonly<Record<string, unknown>>;

/** A benchmark that a test has defined and not run yet. */
interface Registration {
  readonly name: string;
  readonly fn: Anything | null;
  readonly fnOpts: Options;
  /** Where the result of one comes from that is not run. */
  readonly source: unknown;
  run(options?: Options): Promise<unknown>;
}

/** Returns the hooks around a phase: `setup` and `teardown` get the task, as tinybench's Bench has them. */
function around(options: Options, name: string, keys: readonly [string, string]): [Hook[], Hook[]] {
  const task = { name };
  const [before, after] = keys.map((key): Hook[] => {
    const fn = options[key];
    return typeof fn === 'function' ? [(mode) => (fn as Anything)(task, mode)] : [];
  });
  return [before ?? [], after ?? []];
}

/** Returns a case of vitest 4's `bench`, whose options are those of a Bench of tinybench: no others have an effect. */
export function partsOf(fn: Anything | null, options: Options, name: string, first: Hook): Omit<Case, 'name'> {
  const [before, after] = around(options, name, ['setup', 'teardown']);
  const hasOwn = before.length + after.length > 0;
  return {
    fn: fn === null ? () => undefined : bound(fn, { name }),
    ...{ before: [first, ...before], after, beforeEach: [], afterEach: [] },
    ...(hasOwn && { hasPhases: true }),
  };
}

/** Returns the `bench` of a test's context. A benchmark is one when it runs: alone, or in a comparison. */
export function benchFixture(collector: Collector, path: readonly string[]): unknown {
  const registered = new WeakSet<object>();
  const run = async (all: readonly Registration[], options: Options): Promise<void> => {
    const cases = all.map(({ name, fn, fnOpts }) => collector.add([...path, name], caseOf(name, fn, fnOpts, options)));
    if (collector.holdsAt(cases)) await collector.untilReleased();
  };
  const register = (given: unknown, fn: Anything | null, fnOpts: Options, source: unknown): Registration => {
    const name = nameOf(given);
    const made: Registration = {
      ...{ name, fn, fnOpts, source },
      run: async (options = {}) => {
        if (fn === null) return stored(source);
        await run([made], options);
        return { ...noResult(), state: 'completed', name };
      },
    };
    registered.add(made);
    return made;
  };
  const bench = (name: unknown, first: unknown, second?: unknown) => {
    if (typeof first === 'function') {
      if (second !== undefined)
        throw new TypeError(
          '`bench()` does not accept options as the third argument. Pass options as the second argument instead: `bench(name, options, fn)`.',
        );
      return register(name, first as Anything, {}, null);
    }
    if (typeof second !== 'function')
      throw new TypeError(
        '`bench()` expects a benchmark function. Call `bench(name, fn)` or `bench(name, options, fn)`.',
      );
    return register(name, second as Anything, (first ?? {}) as Options, null);
  };
  const compare = async (...args: unknown[]) => {
    const isOptions = (value: unknown) => typeof value === 'object' && value !== null && !registered.has(value);
    const options = (isOptions(args.at(-1)) ? args.pop() : {}) as Options;
    if (args.length < 2)
      throw new SyntaxError(`\`bench.compare()\` requires at least 2 benchmarks, received ${args.length} instead.`);
    if (!args.every((one) => typeof one === 'object' && one !== null && registered.has(one)))
      throw new SyntaxError(
        '`bench.compare()` expects every argument to be the return value of `bench` or `bench.from`.',
      );
    const all = args as Registration[];
    const found = new Map<string, unknown>();
    for (const { name, fn, source } of all) if (fn === null) found.set(name, await stored(source));
    const running = all.filter(({ fn }) => fn !== null);
    if (running.length > 0) await run(running, options);
    for (const { name } of running) found.set(name, { ...noResult(), state: 'completed', name });
    const get = (name: string): unknown => {
      if (!found.has(name)) throw new Error(`task "${name}" was not defined`);
      return found.get(name);
    };
    return { get };
  };
  return Object.assign(bench, { compare, from: (name: unknown, source: unknown) => register(name, null, {}, source) });
}

/** A result that is not of this run. One in a file is read by vitest alone. */
const stored = async (source: unknown): Promise<unknown> =>
  typeof source === 'function' ? await (source as Anything)() : noResult();

function caseOf(name: string, fn: Anything | null, fnOpts: Options, options: Options): Omit<Case, 'name'> {
  const task = { name };
  const hooks = (key: string): Hook[] => {
    const hook = fnOpts[key];
    return typeof hook === 'function' ? [(mode) => (hook as Anything).call(task, mode)] : [];
  };
  const [setup, teardown] = around(options, name, ['setup', 'teardown']);
  return {
    fn: fn === null ? () => undefined : bound(fn, task),
    before: [...setup, ...hooks('beforeAll')],
    after: [...hooks('afterAll'), ...teardown],
    ...{ beforeEach: hooks('beforeEach'), afterEach: hooks('afterEach'), hasPhases: true },
  };
}
