import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withoutCopies } from '../../../src/engine/util/links.js';
import { remove, temporaryFolder } from '../repository.js';

const root = temporaryFolder('perf-budget-links-');
afterAll(() => remove(root));

test('a file that a link leads to once more is left out, and a link to a file of elsewhere is not', async () => {
  mkdirSync(path.join(root, 'bench'));
  symlinkSync('..', path.join(root, 'bench/loop'));
  for (const name of ['bench/a.js', 'other.js']) writeFileSync(path.join(root, name), '');
  symlinkSync('../other.js', path.join(root, 'bench/b.js'));
  const at = (...names: string[]): string[] => names.map((name) => path.join(root, name));
  const found = at('bench/loop/bench/a.js', 'bench/b.js', 'bench/a.js', 'bench/loop/bench/b.js', 'bench/gone.js');
  expect([...(await withoutCopies(found))].sort()).toEqual(at('bench/a.js', 'bench/b.js', 'bench/gone.js'));
});
