import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProject, openProject } from '../../../src/engine/project/open.js';
import type { OpenProject } from '../../../src/engine/project/project.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, git, remove, repository, temporaryFolder, write } from '../repository.js';

const workerPath = path.resolve(import.meta.dirname, '../../../dist/worker.js');

const config = `{
  "benchmarks": [{ "files": "bench/*.bench.js" }],
  "budgets": {
    "set": { "benchmark": "cache/set", "code": "src/cache.js#LruCache.set" },
    "both": { "sum": ["set", "cache/get"] },
  },
}
`;

/** More than are looked at for one that was renamed. */
const pictures = Array.from({ length: 60 }, (_, at) => `assets/${at}.svg`);

const files = {
  ...Object.fromEntries(pictures.map((file) => [file, '<svg/>\n'])),
  '.gitignore': '.perf-budget\nignored.js\n',
  'package.json': '{ "type": "module" }\n',
  'perf-budget.jsonc': config,
  'src/cache.js': `export class LruCache {
  get(key) { return key; }
  set(key, value) { return [key, value]; }
}
`,
  'src/other.js': 'export const unrelated = () => 1;\n',
  'bench/cache.bench.js': `import { bench, describe } from 'vitest';
import { LruCache } from '../src/cache.js';
const cache = new LruCache();
describe('cache', () => {
  bench('set', () => cache.set(1, 2));
  bench('get', () => cache.get(1));
});
`,
};

let root: string;
let project: OpenProject;

beforeAll(async () => {
  root = repository(temporaryFolder());
  commit(root, files);
  // As an editor does whose files have the line endings of Windows, so that only a checkout gives the old text.
  git(root, 'config', 'core.autocrlf', 'true');
  const options = { log: silent, trusted: true, nodePath: null, workerPath };
  project = await createProject(path.join(root, 'perf-budget.jsonc'), options);
  await project.reload();
});

afterAll(async () => {
  await project.dispose();
  remove(root);
});

/** `line:column message`, and what is suggested. */
async function check(file: string, text: string): Promise<readonly string[]> {
  const problems = await project.check(path.join(root, file), text);
  return problems.map(({ location: { start }, message, suggestion }) => {
    return `${start.line}:${start.column} ${message}${suggestion === undefined ? '' : ` → ${suggestion}`}`;
  });
}

describe('a text that is not saved', () => {
  test('has no problems if all that it names is there', async () => {
    expect(await check('perf-budget.jsonc', config)).toEqual([]);
    expect(project.snapshot.problems).toEqual([]);
  });

  test.each([
    ['"cache/get"', '"cache/gett"', '5:30 There is no benchmark "cache/gett"; did you mean "cache/get"? → "cache/get"'],
    ['["set"', '["sett"', '5:23 There is no benchmark or budget "sett"; did you mean "set"? → "set"'],
    [
      'LruCache.set"',
      'LruCache.sett"',
      '4:48 "src/cache.js" has no function "LruCache.sett"; did you mean "LruCache.set"? → "src/cache.js#LruCache.set"',
    ],
    [
      'LruCache.set"',
      'Cache.set"',
      '4:48 "src/cache.js" has no function "Cache.set"; did you mean "LruCache.set"? → "src/cache.js#LruCache.set"',
    ],
    [
      'src/cache.js',
      'scr/cahce.js',
      '4:48 "scr/cahce.js" does not exist; did you mean "src/cache.js"? → "src/cache.js#LruCache.set"',
    ],
    ['src/cache.js', 'lib/nowhere.js', '4:48 "lib/nowhere.js" does not exist.'],
    [
      '"code":',
      `"limit": ["time <= 'cache/gett' * 2"], "code":`,
      `4:59 There is no benchmark "cache/gett"; did you mean "cache/get"? → 'cache/get'`,
    ],
  ])('has one where %s is %s', async (right, wrong, problem) => {
    expect(await check('perf-budget.jsonc', config.replace(right, wrong))).toEqual([problem]);
  });

  test('says nothing of names in bench files that are not read yet', async () => {
    const text = config.replace('"cache/set"', '"other/set"');
    for (const [saved, draft] of [
      ['"bench/*.bench.js" }', '"bench/*.bench.js" }, { "files": "more/*.bench.js" }'],
      ['"budgets"', '"defaults": { "ignore": ["bench/**"] },\n  "budgets"'],
    ] as const)
      expect(await check('perf-budget.jsonc', text.replace(saved, draft))).toEqual([]);
    // A line more changes where they are written, not what they are.
    expect(await check('perf-budget.jsonc', text.replace('{', '{\n'))).toHaveLength(2);
  });

  test('says the same as if it was saved', async () => {
    const text = config.replace('"cache/set"', '"cache/sett"').replace('LruCache.set"', 'LruCache.sett"');
    const before = await check('perf-budget.jsonc', text);
    expect(before).toEqual([
      '4:27 There is no benchmark "cache/sett"; did you mean "cache/set"? → "cache/set"',
      '4:49 "src/cache.js" has no function "LruCache.sett"; did you mean "LruCache.set"? → "src/cache.js#LruCache.set"',
      // Nothing is wrong with this name itself.
      '5:23 There is no benchmark "cache/sett"; did you mean "cache/set"?',
    ]);
    write(root, { 'perf-budget.jsonc': text });
    await project.reload();
    const { problems } = project.snapshot;
    expect(
      problems.map(({ location: { start }, message }) => `${start.line}:${start.column} ${message}`).sort(),
    ).toEqual(before.map((line) => line.replace(/ → .*/, '')));
    write(root, { 'perf-budget.jsonc': config });
    await project.reload();
    expect(project.snapshot.problems).toEqual([]);
  });

  test('of source code has those of its comments, and no other file has them', async () => {
    const source = '// @perf-budget cache/gte: traget median <= 2 ms\nexport const unrelated = () => 1;\n';
    expect(await check('src/other.js', source)).toEqual([
      '1:17 There is no benchmark "cache/gte"; did you mean "cache/get"? → cache/get',
      '1:28 traget is not a level; did you mean target? → target',
    ]);
    expect(await check('src/other.js', `const a = "// @perf-budget cache/gte: tiem <= 1 s";\n`)).toEqual([]);
    expect(await check('ignored.js', source)).toEqual([]);
    expect(await check('notes.md', source)).toEqual([]);
    expect(project.snapshot.problems).toEqual([]);
  });
});

test('the benchmarks that call a function come before those that only reach its file', async () => {
  const cache = path.join(root, 'src/cache.js');
  expect(await project.reaching(cache, 'LruCache.get')).toEqual(['cache/get', 'cache/set']);
  expect(await project.reaching(cache, 'LruCache.set')).toEqual(['cache/set', 'cache/get']);
  expect(await project.reaching(cache, null)).toEqual(['cache/set', 'cache/get']);
  expect(await project.reaching(path.join(root, 'src/other.js'), null)).toEqual([]);
});

describe('what has changed since the baseline', () => {
  const changes = async (): Promise<unknown> => {
    const found = await project.changes('set');
    if (!found.ok) return found.error;
    const { baseline, files: changed } = found.value;
    const shown = (file: string | null): string | null => file && path.relative(root, file).replaceAll('\\', '/');
    return [baseline.name, ...changed.map(({ file, old }) => [shown(file), shown(old)])];
  };

  test('is nothing, then what the benchmark reaches, with the text of a checkout', async () => {
    expect(await changes()).toEqual(['HEAD']);
    write(root, {
      'src/cache.js': files['src/cache.js'].replace('return [key, value]', 'return [key, value, 1]'),
      'src/other.js': 'export const unrelated = () => 2;\n',
    });
    await project.reload();
    expect(await changes()).toEqual(['HEAD', ['src/cache.js', 'src/cache.js']]);
    const found = await project.changes('set');
    const id = found.ok ? found.value.baseline.commit : '';
    const old = await project.oldText(id, path.join(root, 'src/cache.js'));
    expect(old).toEqual({ ok: true, value: files['src/cache.js'].replaceAll('\n', '\r\n') });
    expect(await project.oldText(id, path.join(root, 'src/new.js'))).toMatchObject({
      ok: false,
      error: expect.stringMatching(/new\.js is not in the commit [0-9a-f]{7}\.$/) as unknown,
    });
    expect(await project.oldText(id, path.join(root, '../elsewhere.js'))).toMatchObject({ ok: false });
  });

  test('may be renamed or new, and what is gone of other kinds does not matter', async () => {
    rmSync(path.join(root, 'assets'), { recursive: true });
    renameSync(path.join(root, 'src/cache.js'), path.join(root, 'src/lru.js'));
    write(root, {
      'src/fresh.js': 'export const fresh = (left, right) => Math.hypot(left, right);\n',
      'bench/cache.bench.js': `import '../src/fresh.js';\n${files['bench/cache.bench.js'].replace('cache.js', 'lru.js')}`,
      'perf-budget.jsonc': config.replace('src/cache.js', 'src/lru.js'),
    });
    const saved = ['src/cache.js', 'src/lru.js', 'src/fresh.js', 'bench/cache.bench.js', 'perf-budget.jsonc'];
    project.filesChanged(
      saved.map((file) => path.join(root, file)),
      false,
    );
    await project.settled();
    expect(await changes()).toEqual([
      'HEAD',
      ['bench/cache.bench.js', 'bench/cache.bench.js'],
      ['src/fresh.js', null],
      ['src/lru.js', 'src/cache.js'],
    ]);
  });

  test('cannot be told where there is no baseline', async () => {
    rmSync(path.join(root, '.git'), { recursive: true, force: true });
    const options = { log: silent, trusted: true, nodePath: null, workerPath };
    const bare = await openProject(path.join(root, 'perf-budget.jsonc'), options);
    expect(await bare.changes('set')).toMatchObject({ ok: false, error: expect.stringMatching(/\.$/) as unknown });
    expect(await bare.changes('gone')).toEqual({ ok: false, error: 'There is no budget "gone".' });
    await bare.dispose();
  });
});
