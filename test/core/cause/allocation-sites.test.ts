import { describe, expect, test } from 'vitest';
import { allocationLine } from '../../../src/core/cause/allocation-sites.js';
import { Code } from '../../../src/core/cause/code.js';
import { allocationSites } from '../../../src/core/outline/index.js';

const inside = (body: string, file = 'a.ts'): readonly number[] =>
  allocationSites(`function f(a, b) {\n${body}\n}`, file, 'f').map(({ line }) => line - 1);

describe('allocationSites', () => {
  test.each([
    ['an object', 'return { a };', true],
    ['an array', 'return [];', true],
    ['new', 'return new Map();', true],
    ['a template', 'return `a${b}`;', true],
    ['a template that is a constant', 'return `a`;', false],
    ['a text and something', "return 'a' + b;", true],
    ['two names, which may be texts', 'return a + b;', true],
    ['a number and something', 'return a + 1;', false],
    ['an appended text', "a += 'x';", true],
    ['a counter', 'a += 1; a++;', false],
    ['a closure', 'return () => a;', true],
    ['an inner function with a name', 'function g() { return 1; }', true],
    ['a spread', 'return a(...b);', true],
    ['a regular expression', 'return /a/;', true],
    ['a call', 'a.slice(1);', true],
    ['a call of what returns a number', 'return a.charCodeAt(0) * Math.max(1, 2);', false],
    ['arithmetic', 'return a * b - (a >> 1);', false],
    ['a loop', 'for (let i = 0; i < a.length; i++) b = a[i];', false],
    ['an entry taken apart', 'for (const [k, v] of a) b = k;', true],
    ['types', 'let c: Array<{ a: number }> = a as { b: string }[];', false],
  ])('%s', (_, body, is) => {
    expect(inside(body)).toEqual(is ? [1] : []);
  });

  test('a chain of calls is on the lines of its methods', () => {
    expect(inside('return a\n  .map((x) => x * 2)\n  .filter(Boolean);')).toEqual([2, 3]);
  });

  test('what an inner function with a name allocates is its own', () => {
    expect(inside('const g = () => {\n  return [1];\n};\nreturn g;')).toEqual([1]);
    expect(inside('return a.map((x) => {\n  return [x];\n});')).toEqual([1, 2]);
  });

  test('markup, methods, code outside of functions, broken code, and a function that is not there', () => {
    expect(inside('return <p>{a}</p>;', 'a.tsx')).toEqual([1]);
    expect(allocationSites('class A {\n  m() {\n    return [];\n  }\n}', 'a.ts', 'A.m')).toEqual([
      { line: 3, column: 12 },
    ]);
    expect(
      allocationSites('const a = [1];\nfunction f() {\n  return [2];\n}', 'a.ts', null).map(({ line }) => line),
    ).toEqual([1, 2]);
    expect(allocationSites('function f() {\n  return [1\n}', 'a.ts', 'g')).toEqual([]);
  });
});

describe('allocationLine', () => {
  const lineOf = (old: string | null, now: string): unknown => {
    const code = (text: string): Code => new Code(() => text);
    const was = old === null ? null : { file: 'a.ts', path: 'f', code: code(old) };
    return allocationLine({ file: 'a.ts', path: 'f' }, code(now), was);
  };
  const f = (...lines: readonly string[]): string => ['// head', 'function f(a) {', ...lines, '}'].join('\n');

  test('the only line that can allocate among those that changed', () => {
    const now = f('const b = [a];', 'const c = [a, a];', 'return [b, c];');
    expect(lineOf(f('const b = [a];', 'return [b];'), now)).toBeNull();
    expect(lineOf(f('const b = [a];', 'const c = [a];', 'return [b, c];'), now)).toEqual({
      line: 4,
      column: 11,
      changed: true,
    });
  });

  test('else the only one of the function, changed or not', () => {
    expect(lineOf(f('return [a];'), f('return [a];'))).toEqual({ line: 3, column: 8, changed: false });
    expect(lineOf(f('return [a];'), f('while (a > 3) a--;', 'return [a];'))).toEqual({
      line: 4,
      column: 8,
      changed: false,
    });
  });

  test('of a new function all lines are new, and a function that only moved has none', () => {
    expect(lineOf(null, f('return [a];'))).toMatchObject({ line: 3, changed: true });
    expect(lineOf(f('return [a];'), `const other = 1;\n\n${f('return [a];')}`)).toMatchObject({
      line: 5,
      changed: false,
    });
  });

  test('none of several, and none of none', () => {
    expect(lineOf(f('return [a];'), f('const b = [a];', 'return { b };'))).toBeNull();
    expect(lineOf(f('return a;'), f('return a * 2;'))).toBeNull();
  });
});
