import type { Fixtures } from './vitest-fixtures.js';
import type { Flags } from './vitest-chain.js';

export type Anything = (...args: unknown[]) => unknown;

export const hookNames = ['beforeAll', 'afterAll', 'beforeEach', 'afterEach', 'aroundEach', 'aroundAll'] as const;
export type HookName = (typeof hookNames)[number];

/** A hook, and the fixtures of the `test` that it was called on. */
export interface SuiteHook {
  readonly fn: Anything;
  readonly fixtures: Fixtures;
}

export interface Suite {
  readonly kind: 'suite';
  readonly path: readonly string[];
  readonly flags: Flags;
  readonly parent: Suite | null;
  readonly factory: Anything | null;
  readonly children: Child[];
  readonly hooks: Readonly<Record<HookName, SuiteHook[]>>;
}

export interface Leaf {
  readonly kind: 'bench' | 'test';
  readonly name: string;
  readonly flags: Flags;
  readonly fn: Anything | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly fixtures: Fixtures;
}

export type Child = Suite | Leaf;

/** The suite and those around it, innermost first. */
export function outward(suite: Suite): readonly Suite[] {
  const all: Suite[] = [];
  for (let each: Suite | null = suite; each !== null; each = each.parent) all.push(each);
  return all;
}

export const hasOnly = (suite: Suite): boolean =>
  suite.children.some((child) => child.flags.only === true || (child.kind === 'suite' && hasOnly(child)));

interface Chosen {
  readonly child: Child;
  readonly isIncluded: boolean;
}

/** Returns the children that `skip`, `todo` and `only` leave, as vitest reads them, and whether theirs are all chosen. */
export function chosenOf(suite: Suite, onlyMode: boolean, isIncluded: boolean): readonly Chosen[] {
  return suite.children.flatMap<Chosen>((child) => {
    if (child.flags.skip === true || child.flags.todo === true) return [];
    const chosen = isIncluded || child.flags.only === true;
    if (child.kind === 'suite') return [{ child, isIncluded: chosen && !hasOnly(child) }];
    return onlyMode && !chosen ? [] : [{ child, isIncluded: chosen }];
  });
}
