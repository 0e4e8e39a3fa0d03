import type { Collector } from './collector.js';

/** Accepts every call and every property, and checks nothing: a bench file's assertions are not what is measured. */
export const expect: unknown = new Proxy(() => undefined, {
  get: (_, key) => (key === 'then' || typeof key === 'symbol' ? undefined : expect),
  apply: () => expect,
});

type Anything = (this: unknown, ...args: unknown[]) => unknown;

/** `vi.fn`: calls are kept, and implementations can be replaced, once or for good. */
function mock(first?: Anything): Anything {
  let current = first;
  let once: Anything[] = [];
  let name = 'vi.fn()';
  const state = {
    calls: [] as unknown[][],
    results: [] as unknown[],
    instances: [] as unknown[],
    contexts: [] as unknown[],
  };
  const spy = function (this: unknown, ...args: unknown[]): unknown {
    state.calls.push(args);
    state.contexts.push(this);
    state.instances.push(this);
    try {
      const value = (once.shift() ?? current)?.apply(this, args);
      state.results.push({ type: 'return', value });
      return value;
    } catch (value) {
      state.results.push({ type: 'throw', value });
      throw value;
    }
  };
  const change = (next: Anything) => {
    current = next;
    return spy;
  };
  const next = (one: Anything) => {
    once.push(one);
    return spy;
  };
  const clear = () => {
    for (const list of Object.values(state)) list.length = 0;
    return spy;
  };
  const reset = () => {
    once = [];
    current = first;
    return clear();
  };
  const rejecting = (error: unknown) => async () => {
    await Promise.resolve();
    throw error;
  };
  Object.defineProperty(state, 'lastCall', { get: () => state.calls.at(-1) });
  return Object.assign(spy, {
    mock: state,
    ...{ mockImplementation: change, mockImplementationOnce: next, mockClear: clear, mockReset: reset },
    mockRestore: reset,
    mockReturnValue: (value: unknown) => change(() => value),
    mockReturnValueOnce: (value: unknown) => next(() => value),
    mockResolvedValue: (value: unknown) => change(() => Promise.resolve(value)),
    mockResolvedValueOnce: (value: unknown) => next(() => Promise.resolve(value)),
    mockRejectedValue: (error: unknown) => change(rejecting(error)),
    mockRejectedValueOnce: (error: unknown) => next(rejecting(error)),
    mockReturnThis: () =>
      change(function (this: unknown) {
        return this;
      }),
    mockName: (given: string) => {
      name = given;
      return spy;
    },
    getMockName: () => name,
    getMockImplementation: () => current,
  });
}

/** Replaces something until it is restored. */
class Replaced {
  readonly #restore: (() => void)[] = [];

  delete(object: object, key: string): void {
    this.#keep(object, key);
    Reflect.deleteProperty(object, key);
  }

  set(object: object, key: string, value: unknown): void {
    this.#keep(object, key);
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  }

  #keep(object: object, key: string): void {
    const before = Object.getOwnPropertyDescriptor(object, key);
    this.#restore.push(() => {
      if (before === undefined) Reflect.deleteProperty(object, key);
      else Object.defineProperty(object, key, before);
    });
  }

  restore(): void {
    for (const each of this.#restore.splice(0).reverse()) each();
  }
}

/** `vi`: what changes no module and no clock is done; everything else is refused, because it would change what is measured. */
export function viOf(collector: Collector): unknown {
  const [globals, variables, spies] = [new Replaced(), new Replaced(), new Replaced()];
  const mocks: ReturnType<typeof mock>[] = [];
  const made = (implementation?: Anything) => {
    const fn = mock(implementation);
    mocks.push(fn);
    return fn;
  };
  const all = (method: string) => () => {
    for (const each of mocks) (Reflect.get(each, method) as () => void)();
    return vi;
  };
  const until = async (check: () => unknown, options: unknown = {}): Promise<unknown> => {
    const { timeout = 1000, interval = 50 } =
      typeof options === 'number' ? { timeout: options } : (options as { timeout?: number; interval?: number });
    for (const end = performance.now() + timeout; ;) {
      try {
        return await check();
      } catch (error) {
        if (performance.now() > end) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, interval));
    }
  };
  const known: Readonly<Record<string, unknown>> = {
    fn: made,
    hoisted: (factory: () => unknown) => factory(),
    spyOn: (object: Record<string, unknown>, key: string) => {
      const original = object[key];
      if (typeof original !== 'function') return collector.refuse(`vi.spyOn() on "${key}" (not a function)`);
      const spy = made(original as Anything);
      spies.set(object, key, spy);
      return spy;
    },
    stubGlobal: (key: string, value: unknown) => {
      globals.set(globalThis, key, value);
      return vi;
    },
    unstubAllGlobals: () => {
      globals.restore();
      return vi;
    },
    stubEnv: (key: string, value: string | undefined) => {
      if (value === undefined) variables.delete(process.env, key);
      else variables.set(process.env, key, value);
      return vi;
    },
    unstubAllEnvs: () => {
      variables.restore();
      return vi;
    },
    mocked: (value: unknown) => value,
    isMockFunction: (fn: unknown) => typeof fn === 'function' && mocks.includes(fn as Anything),
    clearAllMocks: all('mockClear'),
    resetAllMocks: all('mockReset'),
    restoreAllMocks: () => {
      spies.restore();
      return all('mockReset')();
    },
    isFakeTimers: () => false,
    useRealTimers: () => vi,
    waitFor: until,
    waitUntil: (check: () => unknown, options?: unknown) =>
      until(async () => {
        const value = await check();
        if (!value) throw new Error('Timed out in waitUntil!');
        return value;
      }, options),
    // About the time that a test may take, and other matters of the runner.
    ...{ setConfig: () => undefined, resetConfig: () => undefined },
  };
  const vi: unknown = new Proxy(known, {
    get: (target, key) => {
      if (typeof key === 'symbol' || key === 'then') return undefined;
      return target[key] ?? (() => collector.refuse(`vi.${key}()`));
    },
  });
  return vi;
}
