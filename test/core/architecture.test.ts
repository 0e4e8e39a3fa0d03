import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

const src = path.resolve(import.meta.dirname, '../../src');

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Every import of every source file: paths inside `src` relative to it, anything else as it is written. */
const imports: readonly Import[] = globSync('**/*.ts', { cwd: src }).flatMap((file) => {
  const text = readFileSync(path.join(src, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\s(type\s)?[^'"]*?from\s+'([^']+)'|\bimport\('([^']+)'\)/gm);
  return [...statements].map(([, type, fixed, dynamic]) => {
    const specifier = fixed ?? dynamic ?? '';
    const to = specifier.startsWith('.') ? path.posix.join(path.posix.dirname(file), specifier) : specifier;
    return { from: file, to, typeOnly: type !== undefined };
  });
});

const room = (file: string): string => file.split('/')[0] ?? '';
const broken = (breaks: (one: Import) => boolean): string[] =>
  imports.filter(breaks).map(({ from, to }) => `${from} → ${to}`);

/** What each part of the house may import besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  worker: ['core'],
  engine: ['core', 'worker'],
  editor: ['core', 'engine'],
  cli: ['core', 'engine'],
  page: ['core'],
};

test('the imports of the source files are found', () => {
  expect(imports.length).toBeGreaterThan(100);
  expect(new Set(imports.map(({ from }) => room(from)))).toEqual(new Set(Object.keys(allowed)));
});

test('imports go one way', () => {
  const rooms = Object.keys(allowed);
  expect(
    broken(({ from, to }) => {
      const [here, there] = [room(from), room(to)];
      return rooms.includes(there) && here !== there && allowed[here]?.includes(there) !== true;
    }),
  ).toEqual([]);
});

test('the engine takes nothing but types from the worker', () => {
  expect(broken(({ from, to, typeOnly }) => room(from) === 'engine' && room(to) === 'worker' && !typeOnly)).toEqual([]);
});

test('the core knows neither Node nor VS Code, and only the editor knows VS Code', () => {
  expect(broken(({ from, to }) => room(from) === 'core' && isBuiltin(to))).toEqual([]);
  expect(broken(({ from, to }) => room(from) !== 'editor' && to === 'vscode')).toEqual([]);
});
