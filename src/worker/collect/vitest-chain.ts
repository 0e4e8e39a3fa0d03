import { nameOf, titleOf } from './titles.js';

/** What a test or suite is called with besides its name and function: `.skip`, `.only`, options. */
export interface Flags {
  readonly skip?: boolean;
  readonly only?: boolean;
  readonly todo?: boolean;
  readonly fails?: boolean;
}

type Anything = (...args: unknown[]) => unknown;
type Call = (flags: Flags, args: readonly unknown[]) => void;

/** Says that a function is called by another one: fixtures are read off `original`'s parameter at `index`. */
const original = Symbol('original');

export interface Original {
  readonly fn: Anything;
  readonly index: number;
}

/** Returns the function whose text shows which fixtures are asked for, and at which parameter. */
export const originalOf = (fn: object): Original =>
  (Reflect.get(fn, original) as Original | undefined) ?? { fn: fn as Anything, index: 0 };

export const standingFor = (fn: Anything, of: Original): Anything => Object.assign(fn, { [original]: of });

export interface Chain {
  readonly call: Call;
  /** Whether `.for` passes the context of the test after the row. */
  readonly hasContext: boolean;
  /** The version of vitest, on which titles depend. */
  readonly major: number;
  /** What else the function has: `test.extend`. */
  readonly more?: (flags: Flags) => Readonly<Record<string, unknown>>;
}

const modifiers = ['skip', 'only', 'todo', 'fails'];
/** They change the order or the time of tests, which run one after the other here. */
const ordering = ['concurrent', 'sequential', 'shuffle'];

/** Returns a function that takes modifiers in any order before the call, as in `describe.skip.each(…)(…)`. */
export function chainable(chain: Chain, flags: Flags = {}): unknown {
  const { call, hasContext, major, more } = chain;
  const withFlags = (changed: Flags) => chainable(chain, { ...flags, ...changed });
  const listed = (kind: 'each' | 'for') => {
    return (table: readonly unknown[], ...values: readonly unknown[]) => {
      const all = rows(table, values);
      const spreads = kind === 'each' && all.every(Array.isArray);
      return (name: unknown, ...rest: readonly unknown[]) => {
        for (const [index, row] of all.entries()) {
          const items = Array.isArray(row) ? (row as unknown[]) : [row];
          const own = rest.map((part) => {
            if (typeof part !== 'function') return part;
            const fn = part as Anything;
            if (kind === 'each' || !hasContext) return () => fn(...(spreads ? items : [row]));
            return standingFor((context: unknown) => fn(row, context), { fn, index: 1 });
          });
          call(flags, [titleOf(nameOf(name), items, index, major), ...own]);
        }
      };
    };
  };
  return new Proxy((...args: unknown[]) => call(flags, args), {
    get: (target, key) => {
      if (typeof key === 'string' && modifiers.includes(key)) return withFlags({ [key]: true });
      if (typeof key === 'string' && ordering.includes(key)) return withFlags({});
      if (key === 'each' || key === 'for') return listed(key);
      if (key === 'skipIf') return (condition: unknown) => withFlags(condition ? { skip: true } : {});
      if (key === 'runIf') return (condition: unknown) => withFlags(condition ? {} : { skip: true });
      const own = more?.(flags) ?? {};
      return typeof key === 'string' && Object.hasOwn(own, key) ? own[key] : (Reflect.get(target, key) as unknown);
    },
  });
}

/** Returns the rows of `each` from a list or from a tagged template whose first line names the columns. */
function rows(table: readonly unknown[], values: readonly unknown[]): readonly unknown[] {
  if (values.length === 0) return table;
  const [header = ''] = table.join('').trim().replaceAll(' ', '').split('\n');
  const names = header.split('|');
  return Array.from({ length: Math.floor(values.length / names.length) }, (_, row) =>
    Object.fromEntries(names.map((name, column) => [name, values[row * names.length + column]])),
  );
}
