/** `.skip`, `.only`, `.todo`; the other options of a test mean nothing for a benchmark. */
export interface Flags {
  readonly skip?: boolean;
  readonly only?: boolean;
  readonly todo?: boolean;
}

type Call = (flags: Flags, args: readonly unknown[]) => void;
type Title = (template: string, row: readonly unknown[], index: number) => string;

/** Returns a function that takes modifiers in any order before the call, as in `describe.skip.each(…)(…)`. */
export function chainable(call: Call, title: Title, flags: Flags = {}): unknown {
  const each =
    (spread: boolean) =>
    (table: readonly unknown[], ...values: readonly unknown[]) =>
    (name: unknown, ...rest: readonly unknown[]) => {
      rows(table, values).forEach((row, index) => {
        const list = spread && Array.isArray(row) ? (row as unknown[]) : [row];
        const own = rest.map((part) => (typeof part === 'function' ? applied(part, list) : part));
        call(flags, [title(typeof name === 'function' ? name.name : String(name), list, index), ...own]);
      });
    };
  return new Proxy((...args: unknown[]) => call(flags, args), {
    get: (target, key) => {
      switch (key) {
        case 'skip':
        case 'only':
        case 'todo':
          return chainable(call, title, { ...flags, [key]: true });
        case 'skipIf':
          return (condition: unknown) => chainable(call, title, condition ? { ...flags, skip: true } : flags);
        case 'runIf':
          return (condition: unknown) => chainable(call, title, condition ? flags : { ...flags, skip: true });
        case 'each':
          return each(true);
        case 'for':
          return each(false);
        case 'concurrent':
        case 'sequential':
        case 'shuffle':
        case 'fails':
          return chainable(call, title, flags);
        case 'extend':
          return () => chainable(call, title, flags);
        default:
          return Reflect.get(target, key) as unknown;
      }
    },
  });
}

/** Returns the function for one row, which still shows the parameters that it asks for. */
function applied(fn: object, row: readonly unknown[]): unknown {
  const own = (...more: unknown[]) => (fn as (...all: unknown[]) => unknown)(...row, ...more);
  const shown = { length: { value: 1 }, toString: { value: () => Function.prototype.toString.call(fn) } };
  return Object.defineProperties(own, shown);
}

/** Returns the rows of `each` from a list or from a tagged template whose first line names the columns. */
function rows(table: readonly unknown[], values: readonly unknown[]): readonly unknown[] {
  if (!('raw' in table)) return table;
  const [header = ''] = String(table[0]).trim().split('\n');
  const names = header.split('|').map((name) => name.trim());
  const width = names.length;
  return Array.from({ length: Math.floor(values.length / width) }, (_, row) =>
    Object.fromEntries(names.map((name, column) => [name, values[row * width + column]])),
  );
}

/** Accepts every call and every property, and checks nothing: a bench file's assertions are not what is measured. */
export const expect: unknown = new Proxy(() => undefined, {
  get: (_, key) => (key === 'then' || typeof key === 'symbol' ? undefined : expect),
  apply: () => expect,
});

function mock(implementation: (...args: unknown[]) => unknown = () => undefined): unknown {
  let current = implementation;
  const calls: unknown[][] = [];
  const spy = (...args: unknown[]) => current(...args);
  const change = (next: (...args: unknown[]) => unknown) => {
    current = next;
    return spy;
  };
  const returning = (value: unknown) => change(() => value);
  return Object.assign(spy, {
    mock: { calls, results: [], instances: [] },
    mockImplementation: change,
    mockImplementationOnce: change,
    mockReturnValue: returning,
    mockReturnValueOnce: returning,
    mockResolvedValue: (value: unknown) => returning(Promise.resolve(value)),
    mockClear: () => spy,
    mockReset: () => change(implementation),
    mockRestore: () => change(implementation),
    mockName: () => spy,
  });
}

const known: Readonly<Record<string, unknown>> = {
  fn: mock,
  hoisted: (factory: () => unknown) => factory(),
  spyOn: (object: Record<string, unknown>, key: string) => {
    const original = object[key];
    const spy = mock(typeof original === 'function' ? (original.bind(object) as () => unknown) : undefined);
    object[key] = spy;
    return spy;
  },
  stubGlobal: (key: string, value: unknown) => Object.assign(globalThis, { [key]: value }),
  stubEnv: (key: string, value: string) => Object.assign(process.env, { [key]: value }),
  mocked: (value: unknown) => value,
  isMockFunction: () => false,
};

/** `vi`: real if code needs an answer, a no-op otherwise. */
export const vi: unknown = new Proxy(known, {
  get: (target, key) => (key === 'then' ? undefined : ((Reflect.get(target, key) as unknown) ?? (() => vi))),
});
