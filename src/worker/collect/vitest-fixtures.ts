import { originalOf, standingFor } from './vitest-chain.js';

type Anything = (...args: unknown[]) => unknown;
export type Context = Record<string, unknown>;
export type Cleanup = () => unknown;

interface Fixture {
  readonly name: string;
  readonly value: unknown;
  readonly auto: boolean;
  readonly scope: string;
  readonly uses: readonly string[];
  /** The one that it replaces, which it may use by its own name. */
  readonly parent: Fixture | undefined;
}

type Registrations = ReadonlyMap<string, Fixture>;

/** What every context has without a fixture. */
const builtIn = ['task', 'signal', 'onTestFailed', 'onTestFinished', 'skip', 'annotate', 'bench', 'expect'];

const isOptions = (value: unknown): value is { auto?: boolean; scope?: string; injected?: boolean } =>
  typeof value === 'object' && value !== null && ['auto', 'injected', 'scope'].some((key) => key in value);

/** The fixtures of a `test.extend(…)`: vitest sets up those that a function names in its first parameter. */
export class Fixtures {
  /** What suites have in place of the fixtures. */
  readonly #overrides = new Map<object, Registrations>();
  #own: Registrations;
  /** The values of those that a test has. */
  readonly #kept = new WeakMap<Context, Map<Fixture, unknown>>();
  /** The values of fixtures that outlive a test. */
  readonly #shared = new Map<Fixture, Promise<unknown>>();

  constructor(
    /** Runs at the end of the file. */
    private readonly atEnd: Cleanup[],
    own: Registrations = new Map(),
  ) {
    this.#own = own;
  }

  extend(first: unknown, second?: unknown, third?: unknown): Fixtures {
    return new Fixtures(this.atEnd, parsed(fixturesOf(first, second, third), this.#own));
  }

  /** Replaces fixtures in a suite and those inside it. `suites`: the suite and those around it, innermost first. */
  override(suites: readonly object[], first: unknown, second?: unknown, third?: unknown): void {
    const all = parsed(fixturesOf(first, second, third), this.#of(suites));
    const [suite] = suites;
    if (suite === undefined || suites.length === 1) this.#own = all;
    else this.#overrides.set(suite, all);
  }

  /**
   * Calls a function with a context in which the fixtures that it names are set up. What ends them is added to `cleanups`. Of a hook
   * of a suite, only those that outlive a test can be set up.
   */
  async call(
    fn: Anything,
    context: Context,
    suites: readonly object[],
    cleanups: Cleanup[],
    rest: readonly unknown[] = [],
    isSuite = false,
  ): Promise<unknown> {
    const all = this.#of(suites);
    if (all.size > 0) {
      const { fn: shown, index } = originalOf(fn);
      const used = namesIn(shown, index + rest.length);
      const wanted = [...all.values()].filter(
        ({ name, auto, scope }) => used.includes(name) || (auto && !(isSuite && scope === 'test')),
      );
      for (const fixture of inOrder(wanted, all)) {
        if (isSuite && fixture.scope === 'test')
          throw new Error(`The test-scoped fixture "${fixture.name}" cannot be used inside a hook of a suite.`);
        context[fixture.name] = await this.#value(fixture, context, cleanups);
      }
    }
    return fn(...rest, context);
  }

  #of(suites: readonly object[]): Registrations {
    for (const suite of suites) {
      const own = this.#overrides.get(suite);
      if (own !== undefined) return own;
    }
    return this.#own;
  }

  async #value(fixture: Fixture, context: Context, cleanups: Cleanup[]): Promise<unknown> {
    const { scope, value } = fixture;
    if (typeof value !== 'function') return value;
    if (scope !== 'test') {
      const known = this.#shared.get(fixture) ?? setUp(fixture, { ...context }, this.atEnd);
      this.#shared.set(fixture, known);
      return known;
    }
    const kept = this.#kept.get(context) ?? new Map<Fixture, unknown>();
    this.#kept.set(context, kept);
    if (!kept.has(fixture)) {
      kept.set(fixture, await setUp(fixture, context, cleanups));
      cleanups.push(() => kept.delete(fixture));
    }
    return kept.get(fixture);
  }
}

/** Runs a fixture up to its `use(value)`; the rest of it is a cleanup. */
function setUp({ name, value }: Fixture, context: Context, cleanups: Cleanup[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let end: () => void = () => undefined;
    let isUsed = false;
    const use = (given: unknown): Promise<void> => {
      isUsed = true;
      const ended = new Promise<void>((settle) => (end = settle));
      cleanups.push(() => {
        end();
        return returned;
      });
      resolve(given);
      return ended;
    };
    const returned = (async (): Promise<void> => {
      await (value as Anything)(context, use);
    })();
    returned.then(
      () => isUsed || reject(new Error(`Fixture "${name}" returned without calling "use".`)),
      // After `use`, whoever cleans up sees it.
      (error: unknown) => isUsed || reject(error instanceof Error ? error : new Error(String(error))),
    );
  });
}

/** Reads both ways to write fixtures: `{ name: value }`, and `(name, options?, value)`, whose function returns the value. */
function fixturesOf(first: unknown, second: unknown, third: unknown): Readonly<Record<string, unknown>> {
  if (typeof first !== 'string') return first as Record<string, unknown>;
  const isBare = third === undefined && isOptions(second) && !Array.isArray(second);
  const [options, value] = third === undefined ? (isBare ? [second, {}] : [undefined, second]) : [second, third];
  const made = typeof value === 'function' ? returning(value as Anything) : value;
  return { [first]: options === undefined ? made : [made, options] };
}

/** A fixture that returns its value, and registers what cleans up. */
function returning(fn: Anything): Anything {
  const fixture = async (context: unknown, use: unknown): Promise<void> => {
    let cleanup: Cleanup | undefined;
    const onCleanup = (given: Cleanup): void => {
      if (cleanup !== undefined) throw new Error('onCleanup can only be called once per fixture.');
      cleanup = given;
    };
    await (use as Anything)(await fn(context, { onCleanup }));
    await cleanup?.();
  };
  return standingFor(fixture, { fn, index: 0 });
}

function parsed(given: Readonly<Record<string, unknown>>, before: Registrations): Registrations {
  const all = new Map(before);
  for (const [name, written] of Object.entries(given)) {
    const parent = all.get(name);
    const hasOptions = Array.isArray(written) && written.length >= 2 && isOptions(written[1]);
    const [value, options] = hasOptions ? (written as [unknown, Partial<Fixture>]) : [written, {}];
    const { auto = parent?.auto ?? false, scope = parent?.scope ?? 'test' } = options;
    const shown = typeof value === 'function' ? originalOf(value) : null;
    const uses = shown === null ? [] : namesIn(shown.fn, shown.index);
    all.set(name, { name, value, auto, scope, uses, parent });
  }
  for (const { name, uses } of all.values())
    for (const used of uses)
      if (!builtIn.includes(used) && !all.has(used))
        throw new Error(`The "${name}" fixture depends on unknown fixture "${used}".`);
  return all;
}

/** Returns fixtures after those that they use. */
function inOrder(wanted: readonly Fixture[], all: Registrations): readonly Fixture[] {
  const found = new Set<Fixture>();
  const visit = (fixture: Fixture, open: readonly Fixture[]): void => {
    if (found.has(fixture)) return;
    if (open.includes(fixture)) throw new Error(`Circular fixture dependency detected: ${fixture.name}`);
    for (const name of fixture.uses) {
      const used = name === fixture.name ? fixture.parent : all.get(name);
      if (used !== undefined) visit(used, [...open, fixture]);
    }
    found.add(fixture);
  };
  for (const fixture of wanted) visit(fixture, []);
  return [...found];
}

/** Returns the names that a function takes out of a parameter: `({ a, b: c }) => …` has `a` and `b`. */
export function namesIn(fn: Anything, index: number): readonly string[] {
  const text = String(fn).replaceAll(/\/\*[^]*?\*\/|\/\/[^\n]*/g, '');
  const parameters = /^[^(]*\(([^]*)$/.exec(text)?.[1];
  if (parameters === undefined) return [];
  const given = split(parameters)[index] ?? '';
  if (given === '') return [];
  if (!given.startsWith('{') || !given.endsWith('}'))
    throw new Error(
      `The parameter of a fixture's context must use object destructuring, e.g. ({ task }) => {}. Instead, received "${given}".`,
    );
  return split(given.slice(1)).map((part) => part.replace(/[:=][^]*$/, '').trim());
}

/** Splits a list at the commas between its items, up to the bracket that ends it. */
function split(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if ('([{'.includes(character)) depth++;
    if (')]}'.includes(character) && depth-- === 0) break;
    if (character === ',' && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += character;
  }
  return [...parts, part.trim()].filter((each) => each !== '');
}
