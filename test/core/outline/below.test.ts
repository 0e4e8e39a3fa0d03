import fc from 'fast-check';
import { expect, it } from 'vitest';
import { functionBelow, outline } from '../../../src/core/outline/index.js';

const tag = '@perf-budget';

/** The name and its line that the comment in a text is about. */
function below(text: string, file = 'a.ts'): string | null {
  const start = text.indexOf(tag);
  const length = /^.*?(?=\*\/|$)/m.exec(text.slice(start))?.[0].length ?? 0;
  const range = { start, end: start + length };
  const found = functionBelow(text, /\.ts$/.exec(file) ? outline(text, file) : null, range);
  return found && `${text.slice(0, found.start).split('\n').length} ${text.slice(found.start, found.end)}`;
}

it.each([
  ['// @perf-budget a: time <= baseline\nexport function f() {}\nfunction g() {}', '2 f'],
  ['// @perf-budget index/{n}: time <= baseline\n\n// Why.\nexport default async function f() {}', '4 f'],
  ['/**\n * @perf-budget a: time <= baseline\n * @param {number} x\n */\nexport const f = (x) => x;', '5 f'],
  ['/* @perf-budget a: b */ function f() {}', '1 f'],
  ['class A {\n  // @perf-budget a: b\n  static async #f() {}\n}', '3 #f'],
  ['class A {\n  // @perf-budget a: b\n  @cached({ size: 3 })\n  f() {}\n}', '4 f'],
  ['function f() {} // @perf-budget a: b\nfunction g() {}', '1 f'],
  ['function f() { // @perf-budget a: b\n  function g() {}\n}', '1 f'],
  ['function f() {\n  // @perf-budget a: b\n  let x = 1;\n  function g() {}\n}', '1 f'],
  ['// @perf-budget a: b\nconst x = 1;\nfunction g() {}', null],
  ['function f() {}\n// @perf-budget a: b\n', null],
])('%j', (text, expected) => {
  expect(below(text)).toBe(expected);
});

it.each([
  ['# @perf-budget a: b\n\n@cached\ndef f(x):\n  pass', 'a.py', '4 f'],
  ['-- @perf-budget a: b\nCREATE TABLE x;', 'a.sql', '2 CREATE TABLE x;'],
  ['// @perf-budget a: b\n#[inline]\n/// Doc.\npub fn f<T>(x: T) {}', 'a.rs', '4 f'],
  ['# @perf-budget a: b\n  def ok?(x), do: x', 'a.ex', '2 ok?'],
  ['# @perf-budget a: b\n\n', 'a.py', null],
  ['# @perf-budget a: b', 'a.py', null],
])('of a language without a parser: %j', (text, file, expected) => {
  expect(below(text, file)).toBe(expected);
});

it('is within the text, whatever stands there', () => {
  const pieces = fc.constantFrom('function f() {', '}', '\n', '// ', '/*', '*/', 'class A {', 'g() {}', ' ', ';', '# ');
  fc.assert(
    fc.property(fc.array(pieces), fc.array(pieces), fc.boolean(), (before, after, isParsed) => {
      const text = `${before.join('')}${tag} a: b${after.join('')}`;
      const start = text.indexOf(tag);
      const range = { start, end: start + tag.length + 5 };
      const found = functionBelow(text, isParsed ? outline(text, 'a.ts') : null, range);
      const { start: from, end: to } = found ?? { start: 0, end: 1 };
      expect(0 <= from && from < to && to <= text.length).toBe(true);
    }),
  );
});
