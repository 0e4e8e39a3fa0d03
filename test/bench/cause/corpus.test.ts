import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { applied, functionsAt, kinds, linesOf, type Edit, type Module } from './corpus.js';
import { modules } from './modules.js';

const variants = modules.flatMap((module) => module.variants.map((variant) => ({ module, ...variant })));
const controls = modules.flatMap((module) => module.controls.map((control) => ({ module, ...control })));
const nameOf = ({ module, name }: { readonly module: Module; readonly name: string }): string =>
  `${module.name}/${name}`;

function texts(module: Module, edits: readonly Edit[]): (file: string) => string {
  const folder = path.resolve(import.meta.dirname, '../../fixtures/cause', module.name);
  const read = (file: string): string =>
    readFileSync(path.join(folder, file.replace(/^node_modules\//, 'installed/')), 'utf8');
  const changed = applied(edits, read);
  return (file) => changed.get(file) ?? read(file);
}

test('the corpus is as large and as varied as its goal says', () => {
  expect(modules.length).toBeGreaterThanOrEqual(8);
  expect(modules.filter((module) => module.variants.length < 8).map(({ name }) => name)).toEqual([]);
  expect(variants.length).toBeGreaterThanOrEqual(64);
  expect(controls.length).toBeGreaterThanOrEqual(16);
  expect(kinds.filter((kind) => variants.every((variant) => variant.kind !== kind))).toEqual([]);
  const names = [...variants, ...controls].map(nameOf);
  expect(new Set(names).size).toBe(names.length);
});

test('every change fits its module, and changes something', () => {
  for (const { module, edits } of [...variants, ...controls]) {
    const read = texts(module, []);
    const changed = texts(module, edits);
    for (const { file, from } of edits) if (from !== null) expect(changed(file)).not.toBe(read(file));
  }
});

test('every answer is in the function that it names, by the outline of the new text', () => {
  const wrong = variants.flatMap((variant) =>
    variant.answers.flatMap((answer) => {
      const text = texts(variant.module, variant.edits)(answer.file);
      return linesOf(answer, text).flatMap((line) => {
        const functions = functionsAt(text, answer.file, line);
        return functions.includes(answer.function)
          ? []
          : [`${nameOf(variant)}:${line} is in ${functions.join(' or ')}`];
      });
    }),
  );
  expect(wrong).toEqual([]);
});

test('every slowdown costs 10 to 100%, and whoever accepts two answers says why', () => {
  expect(variants.filter(({ size }) => !(size >= 0.1 && size <= 1)).map(nameOf)).toEqual([]);
  expect(variants.filter(({ answers, why }) => answers.length > 1 !== (why !== undefined)).map(nameOf)).toEqual([]);
  // All over the range.
  for (const [from, to] of [
    [0.1, 0.25],
    [0.25, 0.5],
    [0.5, 1],
  ] as const)
    expect(variants.filter(({ size }) => size >= from && size <= to).length).toBeGreaterThan(12);
});
