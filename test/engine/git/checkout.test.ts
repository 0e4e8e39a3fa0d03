import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commitSide } from '../../../src/engine/baseline/resolve.js';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import type { Git } from '../../../src/engine/git/repository.js';
import { Worktrees } from '../../../src/engine/git/worktrees.js';
import { openProject } from '../../../src/engine/project/open.js';
import { silent } from '../../../src/engine/util/log.js';
import { commit, git, remove, repository, write } from '../repository.js';
import { folder, open } from './opened.js';

const workerPath = join(import.meta.dirname, '../../../dist/worker.js');

/** A filter as Git LFS has one: Git keeps the letters reversed. As `process` it speaks Git's long-running protocol. */
const filter = `import { readSync, writeSync } from 'node:fs';
const reverse = (bytes) => Buffer.from(bytes).reverse();
const read = (size) => {
  const all = Buffer.alloc(size);
  for (let at = 0; at < size; ) {
    let got = 0;
    try {
      got = readSync(0, all, at, size - at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
      continue;
    }
    if (got === 0) process.exit(0);
    at += got;
  }
  return all;
};
const packet = () => {
  const size = parseInt(read(4).toString(), 16);
  return size === 0 ? null : read(size - 4);
};
const packets = () => {
  const all = [];
  for (let one = packet(); one !== null; one = packet()) all.push(one);
  return all;
};
const send = (...texts) => {
  for (const text of texts) {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 60000) {
      const part = bytes.subarray(at, at + 60000);
      writeSync(1, Buffer.concat([Buffer.from((part.length + 4).toString(16).padStart(4, '0')), part]));
    }
  }
  writeSync(1, '0000');
};
if (process.argv[2] === 'process') {
  packets();
  send('git-filter-server\\n', 'version=2\\n');
  packets();
  send('capability=clean\\n', 'capability=smudge\\n');
  for (;;) {
    packets();
    const content = Buffer.concat(packets());
    send('status=success\\n');
    send(reverse(content));
    send();
  }
}
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
process.stdout.write(reverse(Buffer.concat(chunks)));
`;

const contents: Readonly<Record<string, string | Buffer>> = {
  'lf.txt': 'one\ntwo $Id$\n',
  'crlf.txt': 'one\r\ntwo\r\n',
  'mixed.txt': 'one\r\ntwo\n',
  'empty.txt': '',
  'ümlaut 測試.txt': 'grün\n測試\n',
  'deep/er/lf.txt': 'deep\n',
  'bytes.bin': Buffer.from(Array.from({ length: 1000 }, (_, index) => (index * 7919) % 256)),
  'data.json': '{\n  "a": [1, 2]\n}\n',
  'lib.js':
    "// $Id$\nimport text from './lf.txt';\nimport data from './data.json';\nexport const x = `${text}\n${data.a}`;\n",
  'deep/lib.js': 'export const deep = `a\nb`;\n',
  'a.bench.js':
    "import { bench } from 'vitest';\nimport { x } from './lib.js';\nimport { deep } from './deep/lib.js';\nimport more from './deep/er/lf.txt';\nbench('x', () => x + deep + more);\n",
};

/** How a file differs in Git from the working tree: settings, and attributes in the folders with the given names. */
const matrix: Readonly<
  Record<string, { config?: readonly string[]; attributes?: Readonly<Record<string, string>>; info?: string }>
> = {
  'no conversion': {},
  'core.autocrlf=true': { config: ['core.autocrlf=true'] },
  'core.autocrlf=input': { config: ['core.autocrlf=input'] },
  'text=auto with core.eol=crlf': { config: ['core.eol=crlf'], attributes: { '': '* text=auto\n' } },
  'eol=crlf for some': { attributes: { '': '*.txt text eol=crlf\n*.js text eol=lf\n' } },
  'autocrlf, but -text for some': { config: ['core.autocrlf=true'], attributes: { '': '*.json -text\n' } },
  'another encoding': { attributes: { '': '*.txt text working-tree-encoding=UTF-16\n' } },
  ident: { attributes: { '': '*.txt ident\n*.js ident\n' } },
  'attributes in a folder': { config: ['core.eol=crlf'], attributes: { deep: '* text\n', 'deep/er': '* -text\n' } },
  'attributes of the clone': { config: ['core.eol=crlf'], info: '*.txt text\n' },
  'a filter': { attributes: { '': '*.bin filter=reverse\nlf.txt filter=reverse\n' }, config: filterOf('reverse') },
  'a filter that keeps running': {
    attributes: { '': '*.bin filter=kept\nlf.txt filter=kept eol=crlf\nlib.js filter=kept\n' },
    config: [`filter.kept.process="${process.execPath}" "FOLDER/filter.mjs" process`, 'filter.kept.required=true'],
  },
};

function filterOf(name: string): readonly string[] {
  const program = `"${process.execPath}" "FOLDER/filter.mjs"`;
  return [`filter.${name}.clean=${program}`, `filter.${name}.smudge=${program}`, `filter.${name}.required=true`];
}

/** A clone in `folder/name`, with settings of its own from before the checkout. */
function clone(from: string, name: string, { config = [], info }: (typeof matrix)[string]): string {
  const settings = config.flatMap((each) => ['--config', each.replaceAll('FOLDER', folder)]);
  git(folder, 'clone', '--quiet', '--no-checkout', ...settings, from, name);
  if (info !== undefined) write(`${folder}/${name}`, { '.git/info/attributes': info });
  git(`${folder}/${name}`, 'checkout', '--quiet', 'main');
  return `${folder}/${name}`;
}

/** A repository whose files were committed with these settings. */
function origin(how: (typeof matrix)[string], files = contents): string {
  write(folder, { 'filter.mjs': filter });
  const root = repository(`${folder}/origin`);
  for (const each of how.config ?? []) {
    const [key = '', value = ''] = each.replaceAll('FOLDER', folder).split(/=(.*)/s);
    git(root, 'config', key, value);
  }
  if (how.info !== undefined) write(root, { '.git/info/attributes': how.info });
  const attributes = Object.entries(how.attributes ?? {}).map(([at, text]) => [join(at, '.gitattributes'), text]);
  // Nothing but the attributes, so that they apply to what comes after.
  commit(root, Object.fromEntries([...attributes, ['readme', '']]) as Record<string, string>);
  const encoded = Object.entries(files).map(([file, content]) => {
    const isEncoded = how.attributes?.['']?.includes('UTF-16') === true && file.endsWith('.txt');
    return [file, isEncoded ? Buffer.from(`\ufeff${String(content)}`, 'utf16le') : content];
  });
  commit(root, Object.fromEntries(encoded) as Record<string, string | Buffer>);
  return root;
}

const text = (content: Buffer | null): string | null => content?.toString() ?? null;

/** Whether a process runs; one that has ended may still be listed until something asks for its exit code. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z\s]/.test(stdout);
}

const tracked = (root: string): string[] => git(root, 'ls-files', '-z').split('\0').filter(Boolean);

const onDisk = (root: string): Record<string, string> =>
  Object.fromEntries(tracked(root).map((file) => [file, readFileSync(join(root, file)).toString('latin1')]));

async function inCommit(repo: Git, commit: string, files: readonly string[]): Promise<Record<string, string>> {
  const read = files.map(
    async (file) => [file, (await repo.readFile(commit, file))?.toString('latin1') ?? 'missing'] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

/** Whether the bench file's bundle has the same hash on both sides. */
async function isSame(repo: Git, benchFile: string): Promise<boolean> {
  const head = git(repo.root, 'rev-parse', 'HEAD');
  const bundler = new Bundler(repo.root);
  try {
    const { code } = commitSide(repo, head, 'HEAD');
    const [now, old] = await Promise.all([
      bundler.current(join(repo.root, benchFile)),
      code === null ? null : bundler.old(join(repo.root, benchFile), code),
    ]);
    if (!now.ok || old?.ok !== true) throw new Error(JSON.stringify([now, old]));
    expect(old.value.unsafe).toEqual([]);
    return now.value.hash === old.value.hash;
  } finally {
    await bundler.dispose();
  }
}

describe.each(Object.entries(matrix))('with %s', (_, how) => {
  test('a clean tree is the same on both sides', async () => {
    const root = clone(origin(how), 'clone', how);
    expect(git(root, 'status', '--porcelain')).toBe('');
    const repo = await open(root);
    const disk = onDisk(root);
    expect(await inCommit(repo, git(root, 'rev-parse', 'HEAD'), Object.keys(disk))).toEqual(disk);
    expect(await isSame(repo, 'a.bench.js')).toBe(true);
  });

  test('changed files are read as Git would check out the old ones', async () => {
    const from = origin(how);
    const root = clone(from, 'clone', how);
    const expected = onDisk(clone(from, 'second', how));
    const head = git(root, 'rev-parse', 'HEAD');
    for (const file of Object.keys(contents)) write(root, { [file]: 'changed\n' });
    const repo = await open(root);
    expect(await inCommit(repo, head, tracked(root))).toEqual(expected);
    // Also if the attributes have changed since.
    for (const at of Object.keys(how.attributes ?? {})) write(root, { [join(at, '.gitattributes')]: '* -text\n' });
    expect(await inCommit(repo, head, tracked(root))).toEqual(expected);
    for (const file of Object.keys(contents)) rmSync(join(root, file));
    expect(await inCommit(repo, head, tracked(root))).toEqual(expected);
  });

  test('a capture reads back the same', async () => {
    const root = clone(origin(how), 'clone', how);
    write(root, { 'new.bin': 'new', 'lib.js': 'export const x = 1;' });
    const repo = await open(root);
    const disk = { ...onDisk(root), 'new.bin': 'new' };
    const kept = await repo.keepWorkingTree('refs/perf-budget/v1', 'v1', ['new.bin']);
    if (!kept.ok) throw new Error(kept.error);
    expect(await inCommit(repo, kept.value, Object.keys(disk))).toEqual(disk);
    for (const file of Object.keys(disk)) if (!file.endsWith('.gitattributes')) write(root, { [file]: 'changed\n' });
    expect(await inCommit(repo, kept.value, Object.keys(disk))).toEqual(disk);
  });
});

test('line endings that an editor has changed are no change, as for Git', async () => {
  const how = { config: ['core.autocrlf=true'] };
  const root = clone(origin(how), 'clone', how);
  write(root, { 'lf.txt': 'one\ntwo $Id$\n', 'deep/er/lf.txt': 'deep\r\n' });
  const repo = await open(root);
  expect(text(await repo.readFile('HEAD', 'lf.txt'))).toBe('one\ntwo $Id$\n');
  expect(await isSame(repo, 'a.bench.js')).toBe(true);
  // Once something else has changed too, the old file is what a checkout writes.
  write(root, { 'lf.txt': 'one\nthree $Id$\n' });
  expect(text(await repo.readFile('HEAD', 'lf.txt'))).toBe('one\r\ntwo $Id$\r\n');
});

test('a filter that writes something new each time leaves a clean tree the same', async () => {
  write(folder, {
    'stamp.mjs':
      "let text = '';\nfor await (const chunk of process.stdin) text += chunk;\nconst now = process.argv[2] === 'clean' ? '' : ` ${process.hrtime.bigint()}`;\nprocess.stdout.write(text.replace(/(?<=stamp)[ \\d]*/, now));\n",
  });
  const root = repository(`${folder}/root`);
  const program = `"${process.execPath}" "${folder}/stamp.mjs"`;
  git(root, 'config', 'filter.stamp.clean', `${program} clean`);
  git(root, 'config', 'filter.stamp.smudge', `${program} smudge`);
  commit(root, { '.gitattributes': '*.txt filter=stamp\n', 'a.txt': 'stamp\n' });
  rmSync(`${root}/a.txt`);
  git(root, 'checkout', '--', 'a.txt');
  const disk = readFileSync(`${root}/a.txt`, 'utf8');
  expect(disk).toMatch(/^stamp \d+\n$/);
  expect(text(await (await open(root)).readFile('HEAD', 'a.txt'))).toBe(disk);
});

describe('a filter', () => {
  function filtered(smudge: string, required = true): string {
    const root = repository(`${folder}/root`);
    git(root, 'config', 'filter.up.clean', 'cat');
    commit(root, { '.gitattributes': '*.txt filter=up\n', 'a.txt': 'a', 'b.txt': 'b', 'c.js': 'c' });
    write(folder, { 'smudge.mjs': smudge });
    git(root, 'config', 'filter.up.smudge', `"${process.execPath}" "${folder}/smudge.mjs" %f`);
    if (required) git(root, 'config', 'filter.up.required', 'true');
    write(root, { 'a.txt': 'changed', 'b.txt': 'changed', 'c.js': 'changed' });
    return root;
  }

  test.each([true, false])('that fails is quoted, and fails no other file (required: %s)', async (required) => {
    const smudge = `if (process.argv[2] === 'a.txt') {
  console.error('no key');
  process.exit(3);
}
for await (const chunk of process.stdin) process.stdout.write(chunk.toString().toUpperCase());
`;
    const repo = await open(filtered(smudge, required));
    const read = ['a.txt', 'b.txt', 'c.js'].map((file) => repo.readFile('HEAD', file));
    const [a, b, c] = await Promise.allSettled(read);
    expect(a?.status === 'rejected' ? String(a.reason) : '').toMatch(
      required
        ? /^GitError: a\.txt cannot be checked out: a\.txt: smudge filter up failed \(no key\)$/
        : /^GitError: a\.txt cannot be checked out: external filter '.*' failed 3 \(no key\)$/,
    );
    expect([b, c]).toEqual([
      { status: 'fulfilled', value: Buffer.from('B') },
      { status: 'fulfilled', value: Buffer.from('c') },
    ]);
  });

  test.skipIf(process.platform === 'win32')('that hangs is ended with all that it started', async () => {
    const smudge = `import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
const child = spawn('sleep', ['1000'], { stdio: 'inherit' });
writeFileSync(${JSON.stringify(`${folder}/pid`)}, String(child.pid));
setInterval(() => {}, 1000);
`;
    const repo = await open(filtered(smudge), { timeoutMs: 3000 });
    await expect(repo.readFile('HEAD', 'a.txt')).rejects.toThrow('a.txt needs a filter that did not finish in 3 s');
    const pid = Number(readFileSync(`${folder}/pid`, 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test.skipIf(process.platform === 'win32')(
    'that hangs in a checkout leaves nothing that stops the next one',
    async () => {
      const smudge = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
process.stdout.write(readFileSync(0));
if (existsSync(${JSON.stringify(`${folder}/hang`)})) {
  writeFileSync(${JSON.stringify(`${folder}/pid`)}, String(process.pid));
  setInterval(() => {}, 1000);
}
`;
      const root = filtered(smudge);
      write(folder, { hang: '' });
      const repo = await open(root);
      const worktrees = new Worktrees(root, repo);
      const commit = (await repo.resolve('HEAD')) ?? '';
      const controller = new AbortController();
      const first = worktrees.of(commit, controller.signal);
      await expect.poll(() => existsSync(`${folder}/pid`), { timeout: 20_000 }).toBe(true);
      controller.abort();
      expect((await first).ok).toBe(false);
      remove(`${folder}/hang`);
      expect(await worktrees.of(commit)).toMatchObject({ ok: true });
    },
  );

  test.skipIf(process.platform === 'win32')('ends when the repository is closed', async () => {
    const smudge = `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(`${folder}/pid`)}, String(process.pid));
setInterval(() => {}, 1000);
`;
    const repo = await open(filtered(smudge));
    const reading = repo.readFile('HEAD', 'a.txt').catch(String);
    await expect.poll(() => existsSync(`${folder}/pid`), { timeout: 20_000 }).toBe(true);
    repo.dispose();
    expect(await reading).toContain('GitError');
    const pid = Number(readFileSync(`${folder}/pid`, 'utf8'));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('does not run in a workspace that is not trusted', async () => {
    const ran = `${folder}/ran`;
    const root = filtered(`import { writeFileSync } from 'node:fs';\nwriteFileSync(${JSON.stringify(ran)}, '');\n`);
    write(root, {
      'a.bench.js': "import { bench } from 'vitest';\nimport a from './a.txt';\nbench('x', () => a);\n",
      'perf-budget.jsonc': JSON.stringify({
        benchmarks: [{ files: '*.bench.js', build: ['node', `${folder}/smudge.mjs`] }],
        budgets: { x: { benchmark: 'x', limit: ['time <= baseline * 2'] } },
      }),
    });
    for (const trusted of [false, true]) {
      const options = { log: silent, trusted, nodePath: null, workerPath };
      const project = await openProject(`${root}/perf-budget.jsonc`, options);
      await project.run({});
      await project.dispose();
      expect(existsSync(ran)).toBe(trusted);
    }
  });

  test('that is Git LFS without the content says how to get it', async () => {
    const pointer = (size: number): string =>
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize ${size}\n`;
    const root = repository(`${folder}/root`);
    // What Git LFS does without the content, if it is told not to ask the network.
    const program = `"${process.execPath}" -e "process.stdin.pipe(process.stdout)"`;
    git(root, 'config', 'filter.lfs.clean', program);
    git(root, 'config', 'filter.lfs.smudge', program);
    const first = commit(root, {
      '.gitattributes': '*.json filter=lfs\n',
      'data.json': pointer(1),
      'a.bench.js': "import { bench } from 'vitest';\nimport data from './data.json';\nbench('x', () => data);\n",
    });
    const repo = await open(root);
    // Neither side has the content: nothing has changed.
    expect(text(await repo.readFile(first, 'data.json'))).toBe(pointer(1));
    write(root, { 'data.json': '[1]' });
    const message = `data.json is in Git LFS, and its content at ${first.slice(0, 8)} has not been downloaded: run \`git lfs fetch origin ${first.slice(0, 8)}\``;
    await expect(repo.readFile(first, 'data.json')).rejects.toThrow(message);
    const bundler = new Bundler(root);
    const { code } = commitSide(repo, first, 'HEAD');
    expect(code && (await bundler.old(`${root}/a.bench.js`, code))).toEqual({
      ok: false,
      error: { kind: 'elsewhere', message },
    });
    await bundler.dispose();
  });
});

describe('symbolic links', () => {
  const bench = `import { bench } from 'vitest';
import { a } from './link.js';
import { b } from './folder/b.js';
import { c } from '../outside/c.js';
import { d } from './away/d.js';
bench('x', () => a + b + c + d);
`;

  test.skipIf(process.platform === 'win32')('mean what they meant in the commit', async () => {
    const root = repository(`${folder}/root`);
    write(folder, { 'outside/c.js': 'export const c = 3;\n', 'outside/d.js': 'export const d = 4;\n' });
    write(root, {
      'one/a.js': "export const a = 'one';\n",
      'one/b.js': "export const b = 'one';\n",
      'two/a.js': "export const a = 'two';\n",
      'two/b.js': "export const b = 'two';\n",
      'a.bench.js': bench,
    });
    symlinkSync('one/a.js', `${root}/link.js`);
    symlinkSync('one', `${root}/folder`);
    symlinkSync(`${folder}/outside`, `${root}/away`);
    const first = commit(root, {});
    const repo = await open(root);
    const bundler = new Bundler(root);
    const { code } = commitSide(repo, first, 'HEAD');
    if (code === null) throw new Error('no code');
    const [now, old] = [await bundler.current(`${root}/a.bench.js`), await bundler.old(`${root}/a.bench.js`, code)];
    expect(now.ok && old.ok && now.value.hash === old.value.hash).toBe(true);
    for (const [link, target] of [
      ['link.js', 'two/a.js'],
      ['folder', 'two'],
    ] as const) {
      rmSync(`${root}/${link}`);
      symlinkSync(target, `${root}/${link}`);
    }
    const later = await bundler.old(`${root}/a.bench.js`, code);
    expect(later.ok && old.ok && later.value.hash === old.value.hash).toBe(true);
    const other = await bundler.current(`${root}/a.bench.js`);
    expect(other.ok && now.ok && other.value.hash !== now.value.hash).toBe(true);
    // Also where a link has become a file since.
    rmSync(`${root}/link.js`);
    write(root, { 'link.js': "export const a = 'file';\n" });
    const last = await bundler.old(`${root}/a.bench.js`, code);
    expect(last.ok && old.ok && last.value.hash === old.value.hash).toBe(true);
    await bundler.dispose();
  });

  test('are ordinary files with the path in them where core.symlinks is false', async () => {
    const from = repository(`${folder}/origin`);
    write(from, { 'real.txt': 'real\n', link: 'real.txt' });
    const blob = git(from, 'hash-object', '-w', 'link');
    git(from, 'add', 'real.txt');
    git(from, 'update-index', '--add', '--cacheinfo', `120000,${blob},link.txt`);
    git(from, 'commit', '--quiet', '--message', 'links');
    git(folder, 'clone', '--quiet', '--config', 'core.symlinks=false', '--config', 'core.autocrlf=true', from, 'clone');
    const root = `${folder}/clone`;
    const repo = await open(root);
    expect(await inCommit(repo, 'HEAD', ['link.txt', 'real.txt'])).toEqual({
      'link.txt': 'real.txt',
      'real.txt': 'real\r\n',
    });
    expect(onDisk(root)['link.txt']).toBe('real.txt');
    write(root, { 'link.txt': 'changed' });
    expect(text(await repo.readFile('HEAD', 'link.txt'))).toBe('real.txt');
  });
});

describe('submodules', () => {
  /** A repository with a submodule that has one of its own: `vendor/middle` and `vendor/middle/inner`. */
  function nested(): { readonly root: string; readonly first: string } {
    const inner = repository(`${folder}/inner`);
    commit(inner, { '.gitattributes': '*.txt eol=crlf\n', 'inner.js': 'export const inner = 1;\n', 'a.txt': 'a\n' });
    const middle = repository(`${folder}/middle`);
    git(middle, 'submodule', '--quiet', 'add', inner, 'inner');
    commit(middle, { 'middle.js': 'export const middle = 1;\n', '.gitignore': 'dist\n' });
    const from = repository(`${folder}/origin`);
    git(from, 'submodule', '--quiet', 'add', '--name', 'the middle', middle, 'vendor/middle');
    commit(from, {
      'a.bench.js': `import { bench } from 'vitest';
import { middle } from './vendor/middle/middle.js';
import { inner } from './vendor/middle/inner/inner.js';
bench('x', () => middle + inner);
`,
    });
    git(folder, 'clone', '--quiet', '--recurse-submodules', from, 'clone');
    const root = `${folder}/clone`;
    return { root, first: git(root, 'rev-parse', 'HEAD') };
  }

  const files = ['vendor/middle/middle.js', 'vendor/middle/inner/inner.js', 'vendor/middle/inner/a.txt'];
  const before = {
    'vendor/middle/middle.js': 'export const middle = 1;\n',
    'vendor/middle/inner/inner.js': 'export const inner = 1;\n',
    'vendor/middle/inner/a.txt': 'a\r\n',
  };

  /** Commits in both submodules and in the outer repository. */
  function advance(root: string): string {
    commit(`${root}/vendor/middle/inner`, { 'inner.js': 'export const inner = 2;\n', 'a.txt': 'b\n' });
    commit(`${root}/vendor/middle`, { 'middle.js': 'export const middle = 2;\n' });
    return commit(root, {});
  }

  test('are read at the commit that is recorded, those in submodules too', async () => {
    const { root, first } = nested();
    const repo = await open(root);
    expect(await isSame(repo, 'a.bench.js')).toBe(true);
    advance(root);
    expect(await inCommit(repo, first, files)).toEqual(before);
    expect(await repo.readFile(first, 'vendor/middle')).toBe(null);
    expect(await repo.readFile(first, 'vendor/middle/none.js')).toBe(null);
    expect(await isSame(repo, 'a.bench.js')).toBe(true);
    write(root, { 'vendor/middle/inner/inner.js': 'export const inner = 3;\n' });
    expect(await isSame(repo, 'a.bench.js')).toBe(false);
    const all = await repo.listFiles(first, 'vendor/middle');
    expect(all.filter((file) => file.endsWith('.js') || file.endsWith('.txt')).sort()).toEqual([...files].sort());
    expect(await repo.listFiles(first, 'vendor/middle/inner')).toContain('vendor/middle/inner/a.txt');
    write(root, { 'vendor/middle/dist/x.js': '' });
    expect(await repo.isIgnored('vendor/middle/dist/x.js')).toBe(true);
    expect(await repo.isIgnored('vendor/middle/inner/new.js')).toBe(false);
  });

  test('are the same in two commits only if they are recorded at the same commit', async () => {
    const { root, first } = nested();
    const same = commit(root, { 'other.js': '1' });
    const edited = commit(root, { 'other.js': '2' });
    const last = advance(root);
    const repo = await open(root);
    expect(await repo.isAlike(first, same, files)).toBe(false);
    expect(await repo.isAlike(same, edited, files)).toBe(true);
    expect(await repo.isAlike(edited, last, files)).toBe(false);
  });

  test('are read from where Git keeps them, if they are not checked out', async () => {
    const { root, first } = nested();
    advance(root);
    git(root, 'submodule', '--quiet', 'deinit', '--force', 'vendor/middle');
    git(root, 'rm', '--quiet', '--cached', 'vendor/middle');
    write(root, { 'vendor/middle/middle.js': 'export const middle = 3;\n' });
    expect(await inCommit(await open(root), first, files)).toEqual(before);
  });

  test('that are not here are named, with the command that gets them', async () => {
    const { root, first } = nested();
    git(folder, 'clone', '--quiet', root, 'bare clone');
    const alone = await open(`${folder}/bare clone`);
    const missing = 'the submodule vendor/middle is not checked out: run `git submodule update --init --recursive`';
    await expect(alone.readFile(first, files[0] ?? '')).rejects.toThrow(missing);
    expect(await alone.has(first, files[0] ?? '')).toBe(false);
    expect(await alone.listFiles(first, '')).toEqual(['.gitmodules', 'a.bench.js']);

    const other = advance(root);
    git(`${folder}/middle`, 'checkout', '--quiet', '--detach');
    git(folder, 'clone', '--quiet', '--recurse-submodules', `${folder}/origin`, 'behind');
    git(`${folder}/behind`, 'fetch', '--quiet', '--no-recurse-submodules', root, 'HEAD');
    const behind = await open(`${folder}/behind`);
    const recorded = git(root, 'rev-parse', 'HEAD:vendor/middle').slice(0, 8);
    const message = `the submodule vendor/middle does not have its commit ${recorded} here: run \`git -C vendor/middle fetch\``;
    await expect(behind.readFile(other, files[0] ?? '')).rejects.toThrow(message);
    const bundler = new Bundler(`${folder}/behind`);
    const { code } = commitSide(behind, other, 'main');
    expect(code && (await bundler.old(`${folder}/behind/a.bench.js`, code))).toEqual({
      ok: false,
      error: { kind: 'elsewhere', message },
    });
    await bundler.dispose();
  });

  test('are kept by a capture as they are on disk', async () => {
    const { root } = nested();
    advance(root);
    write(root, {
      'vendor/middle/middle.js': 'export const middle = 3;\n',
      'vendor/middle/new.js': 'export const fresh = 3;\n',
      'vendor/middle/inner/a.txt': 'c\r\n',
    });
    const repo = await open(root);
    const kept = await repo.keepWorkingTree('refs/perf-budget/v1', 'v1', ['vendor/middle/new.js']);
    if (!kept.ok) throw new Error(kept.error);
    const all = [...files, 'vendor/middle/new.js'];
    const disk = Object.fromEntries(all.map((file) => [file, readFileSync(join(root, file), 'latin1')]));
    expect(await isSame(repo, 'a.bench.js')).toBe(false);
    for (const file of all) write(root, { [file]: 'changed\n' });
    expect(await inCommit(repo, kept.value, all)).toEqual(disk);
    expect(git(`${root}/vendor/middle`, 'status', '--porcelain', '--branch')).toMatch(/^## HEAD|^## main/);
    expect(git(root, 'diff', '--cached', '--name-only')).toBe('');
  });
});
