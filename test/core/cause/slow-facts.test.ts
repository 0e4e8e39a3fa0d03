import { expect, test } from 'vitest';
import { newFacts, statementAt, type PlacedFact } from '../../../src/core/cause/slow-facts.js';
import type { SlowWhy } from '../../../src/core/cause/v8-log.js';

const kind: SlowWhy = { kind: 'megamorphic', access: 'read', of: 'shapes', property: 'kind' };

const placed = (statement: string, functionName: string, why: SlowWhy = kind): PlacedFact => ({
  statement,
  fact: { url: 'file:///a.js', at: 0, functionName, ...why },
});

const statements = (current: readonly PlacedFact[], old: readonly PlacedFact[]): readonly string[] =>
  newFacts(current, old).map(({ statement }) => statement);

test('a fact is the same in the same statement, or in a function of the same name', () => {
  const old = [placed('s+=p.kind', 'sum')];
  expect(statements([placed('s+=p.kind', 'sum')], old)).toEqual([]);
  expect(statements([placed('s+=p.kind', 'renamed')], old)).toEqual([]);
  expect(statements([placed('s+=2*p.kind', 'sum')], old)).toEqual([]);
  expect(statements([placed('s+=2*p.kind', 'other')], old)).toEqual(['s+=2*p.kind']);
  // Functions without names have nothing in common.
  expect(statements([placed('a', '')], [placed('b', '')])).toEqual(['a']);
  expect(statements([placed('s+=p.kind', 'sum', { ...kind, property: 'size' })], old)).toEqual(['s+=p.kind']);
  expect(statements([placed('s+=p.kind', 'sum')], [])).toEqual(['s+=p.kind']);
});

test('each old fact accounts for one, the one that is most alike', () => {
  const current = [placed('new', 'sum'), placed('same', 'sum')];
  expect(statements(current, [placed('same', 'sum')])).toEqual(['new']);
});

test('the reason of a deoptimization may differ', () => {
  const deopt = (reason: string): SlowWhy => ({ kind: 'deoptimized', reason, times: 9, ms: 300 });
  expect(statements([placed('x', 'f', deopt('wrong map'))], [placed('x', 'f', deopt('not a Smi'))])).toEqual([]);
});

test('a change that goes on in the old code too is the same wherever it strikes', () => {
  const given = (name: string, times: number, reason = 'code dependencies'): PlacedFact =>
    placed(name, name, { kind: 'deoptimized', reason, times, ms: 300 });
  expect(statements([given('make', 20)], [given('run', 5)])).toEqual([]);
  expect(statements([given('make', 20)], [given('run', 4)])).toEqual(['make']);
  expect(statements([given('make', 20)], [given('run', 20, 'wrong map')])).toEqual(['make']);
});

test('a statement ends at punctuation, and somewhere', () => {
  const text = 'function f(p){let s=0;for(const o of p)s+=o.kind;return s}';
  expect(statementAt(text, text.indexOf('kind'))).toBe('for(const o of p)s+=o.kind');
  expect(statementAt('x'.repeat(5000), 2500)).toHaveLength(400);
  expect(statementAt('', 7)).toBe('');
});
