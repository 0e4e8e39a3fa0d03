import { afterEach, expect, test } from 'vitest';
import type { CheckDocument } from '../../src/core/formats/reporters/document.js';
import { commit, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { perfBudget } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

const names = ['first', 'dynamic', 'package', 'async', 'load', 'old', 'syntax'];
const config = JSON.stringify({
  benchmarks: [{ files: 'bench/*.js' }],
  budgets: Object.fromEntries(names.map((name) => [name, { benchmark: name, limit: ['time <= 1 s'] }])),
  defaults: { baseline: 'HEAD', time: '300 ms' },
});

/** Each has code of ours inserted on the line where it throws; `^` is not there but says where. */
const library = `'use strict'; export const here = import.meta.url; export function first() { throw ^new TypeError('boom'); }
export const dynamic = async (name) => { await import(name); await import(name); throw ^new Error('late'); };
import { broken } from 'lib'; export function inPackage() { return [1].map(() => ^broken()); }
export class Reader { async read() { await null; throw ^new RangeError('ends'); } }
export function old() { const a = null; return a.^x; }
`;
const bench = `import { bench } from 'vitest';
import { first, dynamic, inPackage, Reader, old } from '../src/lib.js';
bench('first', () => first());
bench('dynamic', () => dynamic('../src/other.js'));
bench('package', () => { inPackage(); });
bench('async', () => new Reader().read());
bench('old', () => old());
`;
const loading = `import { bench } from 'vitest';
const where = import.meta.url; throw ^new Error('no database');
bench('load', () => {});
`;
const syntax = `import { bench } from 'vitest'; const where = import.meta.url; const ^= 1;
bench('syntax', () => {});
`;

const marked = { 'src/lib.js': library, 'bench/b.js': loading, 'bench/c.js': syntax };

/** Where each mark is, as \`file:line:column\`. */
const places = Object.entries(marked).flatMap(([file, text]) =>
  text
    .split('\n')
    .flatMap((line, index) => (line.includes('^') ? [`${file}:${index + 1}:${line.indexOf('^') + 1}`] : [])),
);
const plain = (text: string): string => text.replaceAll('^', '');

test('a throw is shown where it was thrown, and its stack in the log', async () => {
  const root = repository(temporaryFolder('perf budget (ü)-'));
  folders.push(root);
  write(root, { 'node_modules/lib/index.js': "export const broken = () => { throw new Error('deep'); };\n" });
  write(root, { 'node_modules/lib/package.json': '{ "name": "lib", "type": "module", "exports": "./index.js" }' });
  commit(root, {
    '.gitignore': 'node_modules\n.perf-budget\n',
    'package.json': '{ "type": "module" }',
    'perf-budget.jsonc': config,
    'src/lib.js': plain(library),
    'src/other.js': 'export const x = 1;\n',
    'bench/a.js': bench,
    'bench/b.js': plain(loading),
    'bench/c.js': plain(syntax),
  });
  write(root, { 'src/lib.js': plain(library).replace('a = null', 'a = { x: performance.now() }') });
  const { stdout, stderr } = await perfBudget(root, ['check', '--verbose', '--json', '-'], { isReal: true });
  const { budgets } = JSON.parse(stdout) as CheckDocument;
  const found = budgets.flatMap(({ failure }) =>
    failure === undefined ? [] : [`${failure.file}:${failure.line}:${failure.column}`],
  );
  const [inOld] = places.filter((place) => place.startsWith('src/lib.js:5'));
  expect(found.toSorted()).toEqual(places.filter((place) => place !== inOld).toSorted());
  const old = budgets.find(({ name }) => name === 'old');
  expect(JSON.stringify(old)).toContain(
    `the old code cannot run this benchmark: the benchmark threw: Cannot read properties of null (reading 'x') (${inOld})`,
  );
  expect(stderr).toContain(`first was not measured: TypeError: boom\n    at first (${root}/src/lib.js:1:`);
  expect(stderr).toMatch(/package was not measured: Error: deep\n {4}at .*lib\/index\.js:1:/);
  expect(stderr).toContain('old did not run with the old code: TypeError: Cannot read properties of null');
  expect(stderr).not.toContain('dist/worker.js');
  // Nor what esbuild says of our own code.
  expect(stderr).not.toContain('perf-budget:runtime');

  const shown = await perfBudget(root, ['check', 'first', 'load'], { isReal: true });
  expect(shown.stdout).toContain(`the benchmark threw: boom   ${places[0]}`);
  expect(shown.stderr).not.toContain('at first');
}, 120_000);
