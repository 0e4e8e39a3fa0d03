import { readFileSync } from 'node:fs';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import type { Bisection } from '../../src/core/results/bisection.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../engine/repository.js';
import { benchFile, config, work } from './project.js';
import { expectEnded, perfBudget, processId, seen } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

const start = {
  'perf-budget.jsonc': config,
  '.gitignore': '.perf-budget/\n',
  'src/steady.ts': work(20_000),
  'src/growing.ts': work(20_000),
  'bench/steady.bench.ts': benchFile('steady', "import { work } from '../src/steady.js';", 'work();'),
  'bench/growing.bench.ts': benchFile('growing', "import { work } from '../src/growing.js';", 'work();'),
};

/** Commits in their order, each with the files that it changes, after one with the budgets. Returns their ids by subject. */
function history(commits: Readonly<Record<string, Readonly<Record<string, string>>>>): {
  readonly root: string;
  readonly ids: ReadonlyMap<string, string>;
} {
  const root = kept(repository(temporaryFolder()));
  const first = commit(root, start, 'start');
  const ids = Object.entries(commits).map(([subject, files]) => [subject, commit(root, files, subject)] as const);
  return { root, ids: new Map([['start', first], ...ids]) };
}

/** Twelve commits: the sixth is slow, the fifth does not build, the ninth is faster again but not as before. */
const twelve = () =>
  history({
    'say more': { 'README.md': 'more' },
    'comment on it': { 'src/growing.ts': `// A comment.\n${work(20_000)}` },
    'tidy up': { 'src/steady.ts': `${work(20_000)}\n// The end.` },
    'half of it': { 'src/growing.ts': 'export const' },
    'count further': { 'src/growing.ts': work(40_000) },
    'say even more': { 'README.md': 'even more' },
    'rename a variable': { 'src/growing.ts': work(40_000).replaceAll('sum', 'total').replaceAll('total+=', 'sum+=') },
    'count less': { 'src/growing.ts': work(30_000) },
    'say it all': { 'README.md': 'all' },
    'steady on': { 'src/steady.ts': work(20_001) },
    'the end': { 'README.md': 'the end' },
  });

test('x', async () => {
  const { root, ids } = twelve();
  const out = await perfBudget(root, ['bisect', 'growing', '--good', ids.get('start')!, '--verbose', '--json', 'out.json']);
  console.log(out.stdout + out.stderr, out.code);
  console.log(readFileSync(root + '/out.json', 'utf8'));
  const again = await perfBudget(root, ['bisect', 'growing', '--good', ids.get('start')!, '--verbose']);
  console.log(again.stdout + again.stderr, again.code);
});
