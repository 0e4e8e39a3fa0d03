import type { Case, OwnLoop } from './case.js';
import { bound } from './statistics.js';

export type Anything = (this: unknown, ...args: unknown[]) => unknown;

/** What `Benchmark.prototype` has in the place of functions that a file does not set. */
export const noop: Anything = () => undefined;

/** A benchmark as Benchmark.js keeps it. */
export interface Compilable {
  readonly name: string;
  readonly fn?: Anything | string;
  readonly defer: boolean;
  readonly setup: Anything | string;
  readonly teardown: Anything | string;
  count: number;
}

/** Code that Benchmark.js takes from its text, although it may be a function. */
const isStringable = (code: Anything | string): boolean =>
  typeof code === 'string' || (Object.hasOwn(code, 'toString') && typeof code.toString === 'function');

/** Under this name, bundles keep the texts of functions as the file has them: esbuild changes the names of variables. */
const texts = Symbol.for('perf-budget.texts');

/** Returns the statements of a function or a string, as Benchmark.js finds them. */
function sourceOf(benchmark: Compilable, key: 'fn' | 'setup' | 'teardown'): string {
  const code = benchmark[key] ?? noop;
  // The object that has the function has its text: the benchmark itself, or `Benchmark.prototype`.
  let holder: object | null = benchmark;
  while (holder !== null && !Object.hasOwn(holder, key)) holder = Object.getPrototypeOf(holder) as object | null;
  const own =
    holder !== null && Object.hasOwn(holder, texts) ? (Reflect.get(holder, texts) as Record<string, string>) : {};
  const written = own[key] ?? String(code);
  const text = isStringable(code) ? String(code) : (/^[^{]+\{([\s\S]*)\}\s*$/.exec(written)?.[1] ?? '');
  const trimmed = text.trim();
  const isDirective = /^(?:\/\*+[\w\W]*?\*\/|\/\/.*?[\n\r\u2028\u2029]|\s)*(["'])use strict\1;?$/.test(trimmed);
  return isDirective ? '' : trimmed;
}

/** Returns the name of a function's first argument, by which its text knows the `Deferred`. */
const firstArgument = (code: Anything | string): string =>
  (isStringable(code) ? undefined : /^[\s(]*function[^(]*\(([^\s,)]+)/.exec(String(code))?.[1]) ?? 'deferred';

/** Returns how Benchmark.js runs a benchmark. */
export function partsOf(benchmark: Compilable): Pick<Case, 'fn' | 'loop'> {
  const { fn = noop, defer, setup, teardown } = benchmark;
  // Without a setup, a function is called; with one, its text is compiled together with that of the setup.
  const isCompiled = isStringable(fn) || setup !== noop || teardown !== noop;
  if (typeof fn === 'function' && !isCompiled) {
    if (!defer) return { fn: bound(fn, benchmark) };
    return { fn: () => new Promise<void>((resolve) => fn.call(benchmark, { benchmark, resolve: () => resolve() })) };
  }
  const loop = defer ? deferred(benchmark) : compiled(benchmark);
  const nothing = (): void => undefined;
  return { fn: () => loop(1, nothing, nothing), loop };
}

/** What Benchmark.js says of a function without braces, too, if it has a setup. */
const empty = ({ name }: Compilable): Error =>
  new Error(`The test "${name}" is empty. This may be the result of dead code removal.`);

interface Timer {
  begin(): void;
  end(): void;
}

type Compiled = (this: unknown, window: unknown, timer: Timer) => unknown;

/** Compiles in the global scope: what the text does not find there is not defined, as with Benchmark.js. */
const compile = (body: string): Compiled =>
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- This is what Benchmark.js does.
  new Function(
    'window',
    't$',
    `var global = window, clearTimeout = global.clearTimeout, setTimeout = global.setTimeout;\n${body}`,
  ) as Compiled;

/** Benchmark.js's own text of a loop, with the statements of the benchmark in it. */
function compiled(benchmark: Compilable): OwnLoop {
  const { fn: code = noop } = benchmark;
  const isText = isStringable(code);
  const [setup, fn, teardown] = (['setup', 'fn', 'teardown'] as const).map((key) => sourceOf(benchmark, key));
  const around = (before: string, body: string, after: string): Compiled =>
    compile(
      `${before}var m$=this,i$=m$.count;${setup}\nt$.begin();${body}t$.end();${after}${teardown}\nreturn{uid:t$}`,
    );
  const inlined = (): Compiled => around('', `while(i$--){${fn}\n}`, '');
  const called = (own: string): Compiled => around(own, 'm$.f$=f$;while(i$--){m$.f$()}', 'delete m$.f$;');
  let found: Compiled | null = null;
  const run = (one: Compiled, count: number, timer: Timer): unknown => {
    const before = benchmark.count;
    benchmark.count = count;
    try {
      return one.call(benchmark, globalThis, timer);
    } finally {
      benchmark.count = before;
    }
  };
  const tried = (): Compiled => {
    if (fn === '' && !isText) throw empty(benchmark);
    const timer: Timer = { begin: () => undefined, end: () => undefined };
    let error: unknown = null;
    try {
      const one = inlined();
      if ((run(one, 1, timer) as { uid?: unknown } | undefined)?.uid === timer) return one;
    } catch (caught) {
      error = caught;
    }
    // Its text returns early, or needs what only its function can see.
    const fallback = called(isText || error === null ? `function f$(){${fn}\n}` : 'var f$=this.fn;');
    try {
      run(fallback, 1, timer);
    } catch (caught) {
      throw error ?? caught;
    }
    return fallback;
  };
  return (n, begin, end) => {
    found ??= tried();
    run(found, n, { begin, end });
  };
}

/** The same of a benchmark that says itself when an iteration is over. */
function deferred(benchmark: Compilable): OwnLoop {
  const { setup, fn = noop, teardown } = benchmark;
  const isCompiled = isStringable(fn) || setup !== noop || teardown !== noop;
  const argument = firstArgument(fn);
  const either = (text: string, name: string, own: string) =>
    `if(typeof ${name}=="function"){try{${text}\n}catch(e$){${own}}}else{${text}\n}`;
  const body =
    `var d$=this,${argument}=d$,m$=d$.benchmark,f$=m$.fn,su$=m$.setup,td$=m$.teardown;if(!d$.cycles){` +
    `d$.fn=function(){var ${argument}=d$;${either(isCompiled ? sourceOf(benchmark, 'fn') : `m$.fn(${argument})`, 'f$', 'f$(d$)')}};` +
    `d$.teardown=function(){d$.cycles=0;${either(sourceOf(benchmark, 'teardown'), 'td$', 'td$()')}};` +
    `${either(sourceOf(benchmark, 'setup'), 'su$', 'su$()')};t$.begin();}d$.fn();`;
  let one: Compiled | null = null;
  return (n, begin, end) =>
    new Promise<void>((settle, fail) => {
      if (isCompiled && !isStringable(fn) && sourceOf(benchmark, 'fn') === '') throw empty(benchmark);
      one ??= compile(body);
      const run = one;
      const timer: Timer = { begin, end };
      const state = { isRunning: false, again: false };
      const isAgain = (): boolean => state.again;
      const step = (): void => {
        state.isRunning = true;
        try {
          // One that resolves at once would otherwise fill the stack.
          do {
            state.again = false;
            run.call(self, globalThis, timer);
          } while (isAgain());
        } catch (error) {
          fail(error instanceof Error ? error : new Error(String(error)));
        }
        state.isRunning = false;
      };
      const self = {
        ...{ benchmark, cycles: 0, elapsed: 0, timeStamp: 0 },
        teardown: noop,
        resolve: () => {
          if (++self.cycles < n) {
            if (state.isRunning) state.again = true;
            else step();
            return;
          }
          end();
          try {
            self.teardown();
            settle();
          } catch (error) {
            fail(error instanceof Error ? error : new Error(String(error)));
          }
        },
      };
      step();
    });
}
