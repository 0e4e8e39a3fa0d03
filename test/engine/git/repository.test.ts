import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { Git } from '../../../src/engine/git/repository.js';
import { commit, git, repository, write } from '../repository.js';
import { folder, open } from './opened.js';

const text = (content: Buffer | null): string | null => content?.toString() ?? null;

describe('open', () => {
  test('says that there is no git program', async () => {
    expect(await Git.open(folder, { env: { PATH: folder } })).toEqual({
      ok: false,
      error: {
        kind: 'no-git',
        message: 'Git is not on the PATH. Install it to compare with old code.',
      },
    });
  });

  test('says that a folder is no repository', async () => {
    expect(await Git.open(folder)).toEqual({
      ok: false,
      error: { kind: 'not-a-repository', message: `${folder} is not in a Git repository.` },
    });
  });

  test('says that a folder is not there', async () => {
    expect(await Git.open(join(folder, 'none'))).toEqual({
      ok: false,
      error: {
        kind: 'failed',
        message: `Git cannot read ${join(folder, 'none')}: cannot change to '${join(folder, 'none')}': No such file or directory.`,
      },
    });
  });

  test('says that a repository is bare', async () => {
    git(folder, 'init', '--quiet', '--bare');
    expect(await Git.open(folder)).toEqual({
      ok: false,
      error: { kind: 'bare', message: `${folder} is in a Git repository without a working tree.` },
    });
  });

  test('says how to trust a repository that another user owns', async () => {
    repository(folder);
    expect(await Git.open(folder, { env: { ...process.env, GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' } })).toEqual({
      ok: false,
      error: {
        kind: 'not-trusted',
        message: `Git refuses to read ${folder} because another user owns it; if you trust it, run: git config --global --add safe.directory ${folder}`,
      },
    });
  });

  test.skipIf(process.platform === 'win32')('gives up on a git that hangs', async () => {
    const program = join(folder, 'git');
    writeFileSync(program, `#!${process.execPath}\nsetInterval(() => {}, 1000);\n`, { mode: 0o755 });
    expect(await Git.open(folder, { env: { PATH: folder }, timeoutMs: 200 })).toEqual({
      ok: false,
      error: {
        kind: 'failed',
        message: 'git rev-parse did not answer in 0.2 s. Run it by hand to see what it waits for.',
      },
    });
  });

  test('finds the top level from a folder inside, with spaces and letters of any language', async () => {
    const root = repository(`${folder}/Größe & 測試 (1)`);
    const first = commit(root, { 'src/größe 測試.ts': 'export {};\n' });
    const repo = await open(`${root}/src`);
    expect(repo.root).toBe(root);
    expect(await repo.listFiles(first, '')).toEqual(['src/größe 測試.ts']);
    expect(text(await repo.readFile(first, 'src/größe 測試.ts'))).toBe('export {};\n');
    expect(repo.relative(`${root}/src/größe 測試.ts`)).toBe('src/größe 測試.ts');
    expect(repo.relative(`${folder}/elsewhere`)).toBe(null);
    expect(repo.relative(root)).toBe(null);
  });

  test('keeps the spelling of a folder that is opened through a link', async () => {
    const root = repository(`${folder}/real`);
    commit(root, { 'packages/a/index.ts': '' });
    symlinkSync(root, `${folder}/link`, 'junction');
    symlinkSync(`${root}/packages/a`, `${folder}/inside`, 'junction');
    expect((await open(`${folder}/link/packages`)).root).toBe(`${folder}/link`);
    expect((await open(`${folder}/inside`)).root).toBe(root);
  });

  test('is not led astray by the environment of a hook', async () => {
    const other = repository(`${folder}/other`);
    const root = repository(`${folder}/root`);
    const repo = await open(root, { env: { ...process.env, GIT_DIR: `${other}/.git`, GIT_WORK_TREE: other } });
    expect(repo.root).toBe(root);
  });
});

describe('head and revisions', () => {
  test('of an empty repository', async () => {
    const repo = await open(repository(folder));
    expect(await repo.head()).toBe(null);
    expect(await repo.resolve('HEAD')).toBe(null);
    expect(await repo.forkPoint()).toBe(null);
    expect(await repo.isDirty()).toBe(false);
    expect(await repo.isShallow()).toBe(false);
    write(folder, { 'a.ts': 'a' });
    git(folder, 'add', 'a.ts');
    expect(await repo.stagedFiles()).toEqual([`${folder}/a.ts`]);
    expect(await repo.isDirty()).toBe(true);
  });

  test('on a branch, detached, and by every kind of name', async () => {
    repository(folder);
    const first = commit(folder, { 'a.ts': '1' });
    const second = commit(folder, { 'a.ts': '2' });
    git(folder, 'tag', '--annotate', 'v1', '--message', 'one', first);
    const repo = await open(folder);
    expect(await repo.head()).toEqual({ commit: second, branch: 'main', detached: false });
    git(folder, 'checkout', '--quiet', '--detach', first);
    expect(await repo.head()).toEqual({ commit: first, branch: null, detached: true });
    expect(await Promise.all(['main', 'v1', first.slice(0, 10), 'main~1'].map((each) => repo.resolve(each)))).toEqual([
      second,
      first,
      first,
      first,
    ]);
    const wrong = ['gone', 'main~9', '0'.repeat(39) + '1', '--all', '', 'main:a.ts', 'a\0b', 'HEAD:'];
    expect(await Promise.all(wrong.map((each) => repo.resolve(each)))).toEqual(wrong.map(() => null));
  });

  test('in a linked working tree, whose .git is a file', async () => {
    const root = repository(`${folder}/root`);
    const first = commit(root, { 'a.ts': '1' });
    git(root, 'worktree', 'add', '--quiet', '-b', 'side', '../side');
    const side = `${folder}/side`;
    const second = commit(side, { 'a.ts': '2' });
    const repo = await open(side);
    expect(repo.root).toBe(side);
    expect(await repo.head()).toEqual({ commit: second, branch: 'side', detached: false });
    expect(text(await repo.readFile(first, 'a.ts'))).toBe('1');
    write(side, { 'a.ts': '3' });
    const kept = await repo.keepWorkingTree('refs/perf-budget/test', 'kept');
    expect(kept.ok && text(await repo.readFile(kept.value, 'a.ts'))).toBe('3');
  });

  test('in a shallow clone, the parent is not there', async () => {
    const root = repository(`${folder}/root`);
    const first = commit(root, { 'a.ts': '1' });
    const second = commit(root, { 'a.ts': '2' });
    git(folder, 'clone', '--quiet', '--depth', '1', `file://${root}`, 'clone');
    const repo = await open(`${folder}/clone`);
    expect(await repo.isShallow()).toBe(true);
    expect(await repo.head()).toEqual({ commit: second, branch: 'main', detached: false });
    expect(await repo.resolve(first)).toBe(null);
    expect(await repo.resolve('HEAD~1')).toBe(null);
    expect(await repo.readFile(first, 'a.ts')).toBe(null);
    expect(await repo.has(first, 'a.ts')).toBe(false);
    expect(await repo.listFiles(first, '')).toEqual([]);
    git(`${folder}/clone`, 'fetch', '--quiet', '--unshallow');
    expect(text(await repo.readFile(first, 'a.ts'))).toBe('1');
  });
});

test('commits are those of the first parents, newest first', async () => {
  const root = repository(join(folder, 'line'));
  const repo = await open(root);
  expect(await repo.commits(5)).toEqual([]);
  const one = commit(root, { a: '1' });
  git(root, 'checkout', '--quiet', '-b', 'side');
  commit(root, { b: '1' });
  git(root, 'checkout', '--quiet', 'main');
  const two = commit(root, { a: '2' });
  git(root, 'merge', '--quiet', '--no-edit', 'side');
  const merge = git(root, 'rev-parse', 'HEAD');
  const at = (id: string): number => Number(git(root, 'show', '--no-patch', '--format=%ct', id)) * 1000;
  expect(await repo.commits(5)).toEqual([
    { commit: merge, parent: two, at: at(merge) },
    { commit: two, parent: one, at: at(two) },
    { commit: one, parent: null, at: at(one) },
  ]);
  expect((await repo.commits(1)).map((each) => each.commit)).toEqual([merge]);
});

test('commits are alike where names and the files that matter are', async () => {
  const root = repository(join(folder, 'alike'));
  const repo = await open(root);
  const one = commit(root, { 'src/a.ts': '1', 'src/b.ts': '1' });
  const other = commit(root, { 'src/b.ts': '2' });
  const more = commit(root, { 'src/a/index.ts': '1' });
  expect(await repo.isAlike(one, other, ['src/a.ts'])).toBe(true);
  expect(await repo.isAlike(one, other, ['src/a.ts', 'src/b.ts'])).toBe(false);
  // `./a` may mean another file now.
  expect(await repo.isAlike(other, more, ['src/a.ts'])).toBe(false);
  git(root, 'rm', '--quiet', 'src/b.ts');
  const less = commit(root, {});
  expect(await repo.isAlike(more, less, ['src/a.ts'])).toBe(false);
  expect(await repo.isAlike(one, '0'.repeat(40), [])).toBe(false);
});

test.skipIf(process.platform === 'win32')('commits are not alike where a link on the way is another', async () => {
  const root = repository(join(folder, 'links'));
  const repo = await open(root);
  symlinkSync('one', join(root, 'current'));
  const one = commit(root, { 'one/a.ts': '1', 'two/a.ts': '2', notes: '1' });
  const other = commit(root, { notes: '2' });
  rmSync(join(root, 'current'));
  symlinkSync('two', join(root, 'current'));
  const moved = commit(root, {});
  expect(await repo.isAlike(one, other, ['current/a.ts'])).toBe(true);
  expect(await repo.isAlike(other, moved, ['current/a.ts'])).toBe(false);
});

describe('forkPoint', () => {
  test('is where the branch left origin/HEAD, origin/main, origin/master or its upstream, in this order', async () => {
    const root = repository(`${folder}/root`);
    const first = commit(root, { 'a.ts': '1' });
    git(root, 'branch', 'trunk');
    const clone = `${folder}/clone`;
    git(folder, 'clone', '--quiet', 'root', 'clone');
    const repo = await open(clone);
    git(clone, 'checkout', '--quiet', '-b', 'topic');
    commit(clone, { 'a.ts': '2' });
    expect(await repo.forkPoint()).toEqual({ commit: first, branch: 'origin/main' });
    git(clone, 'remote', 'set-head', 'origin', 'trunk');
    expect(await repo.forkPoint()).toEqual({ commit: first, branch: 'origin/trunk' });
    git(clone, 'remote', 'set-head', 'origin', '--delete');
    expect(await repo.forkPoint()).toEqual({ commit: first, branch: 'origin/main' });
    git(clone, 'update-ref', 'refs/remotes/origin/master', first);
    git(clone, 'update-ref', '-d', 'refs/remotes/origin/main');
    expect(await repo.forkPoint()).toEqual({ commit: first, branch: 'origin/master' });
    git(clone, 'update-ref', '-d', 'refs/remotes/origin/master');
    expect(await repo.forkPoint()).toBe(null);
    git(clone, 'branch', '--quiet', '--set-upstream-to', 'origin/trunk');
    expect(await repo.forkPoint()).toEqual({ commit: first, branch: 'origin/trunk' });
  });

  test('is null without a remote, and has no commit if none is common', async () => {
    repository(folder);
    commit(folder, { 'a.ts': '1' });
    const repo = await open(folder);
    expect(await repo.forkPoint()).toBe(null);
    git(folder, 'checkout', '--quiet', '--orphan', 'other');
    const other = commit(folder, { 'a.ts': '2' });
    git(folder, 'update-ref', 'refs/remotes/origin/main', other);
    git(folder, 'checkout', '--quiet', 'main');
    expect(await repo.forkPoint()).toEqual({ commit: null, branch: 'origin/main' });
  });
});

describe('old files', () => {
  test('are read byte for byte, many at once, large and empty ones too', async () => {
    repository(folder);
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 256));
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`many/${index}.ts`, `x${index}\n`]));
    const first = commit(folder, { 'bytes.bin': bytes, 'empty.ts': '', 'no newline.ts': '\n\nmissing', ...many });
    commit(folder, { 'bytes.bin': 'other' });
    const repo = await open(folder);
    const names = ['bytes.bin', 'gone.ts', 'empty.ts', ...Object.keys(many), 'no newline.ts', 'many', 'bytes.bin'];
    const read = await Promise.all(names.map((name) => repo.readFile(first, name)));
    expect(read.map(text)).toEqual([
      bytes.toString(),
      null,
      '',
      ...Object.values(many),
      '\n\nmissing',
      null,
      bytes.toString(),
    ]);
    const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
    expect(digest(read[0] ?? Buffer.alloc(0))).toBe(digest(bytes));
  });

  test('are listed by folder, and asked for by name', async () => {
    repository(folder);
    const first = commit(folder, { 'src/a.ts': '', 'src/b/c.ts': '', 'srcs/d.ts': '', 'e.ts': '' });
    const repo = await open(folder);
    expect(await repo.listFiles(first, 'src')).toEqual(['src/a.ts', 'src/b/c.ts']);
    expect(await repo.listFiles(first, 'src/b/')).toEqual(['src/b/c.ts']);
    const asked = ['src/a.ts', 'src/b', 'src', 'a.ts', '', 'SRC/a.ts', '../e.ts'];
    expect(await Promise.all(asked.map((path) => repo.has(first, path)))).toEqual([
      true,
      ...Array.from({ length: 6 }, () => false),
    ]);
  });

  test('are found behind symbolic links, and never outside the commit', async () => {
    repository(folder);
    const blob = (content: string): string => {
      write(folder, { blob: content });
      return git(folder, 'hash-object', '-w', 'blob');
    };
    const link = (path: string, target: string): string =>
      git(folder, 'update-index', '--add', '--cacheinfo', `120000,${blob(target)},${path}`);
    git(folder, 'update-index', '--add', '--cacheinfo', `100644,${blob('real')},packages/a/index.ts`);
    link('node_modules/a', '../packages/a');
    link('index.ts', 'node_modules/a/index.ts');
    link('circle/a', 'b');
    link('circle/b', 'a');
    link('outside', '../../etc/passwd');
    link('absolute', '/etc/passwd');
    git(folder, 'commit', '--quiet', '--message', 'links');
    const repo = await open(folder);
    const asked = ['index.ts', 'node_modules/a/index.ts', 'node_modules/a', 'circle/a', 'outside', 'absolute'];
    const read = await Promise.all(asked.map((path) => repo.readFile(git(folder, 'rev-parse', 'HEAD'), path)));
    expect(read.map(text)).toEqual(['real', 'real', null, null, null, null]);
  });

  test('include those of submodules', async () => {
    const inner = repository(`${folder}/inner`);
    commit(inner, { 'a.ts': '1' });
    const root = repository(`${folder}/root`);
    git(root, 'submodule', '--quiet', 'add', inner, 'vendor/inner');
    const first = commit(root, { 'b.ts': '' });
    const repo = await open(root);
    expect(await repo.listFiles(first, '')).toEqual(['.gitmodules', 'b.ts', 'vendor/inner/a.ts']);
    expect(await repo.readFile(first, 'vendor/inner')).toBe(null);
    expect(text(await repo.readFile(first, 'vendor/inner/a.ts'))).toBe('1');
  });

  test.runIf(process.platform === 'linux')('are still read after the process was ended from outside', async () => {
    repository(folder);
    const first = commit(folder, { 'a.ts': '1', 'b.ts': '2' });
    const repo = await open(folder);
    expect(text(await repo.readFile(first, 'a.ts'))).toBe('1');
    const [pid] = catFiles(folder);
    process.kill(Number(pid), 'SIGKILL');
    expect(text(await repo.readFile(first, 'b.ts'))).toBe('2');
    expect(catFiles(folder)).not.toEqual([pid]);
    repo.dispose();
    await expect(repo.readFile(first, 'a.ts')).rejects.toThrow('the repository was closed');
  });

  test.skipIf(process.platform === 'win32')('reject when git dies again, hangs, or is closed', async () => {
    repository(`${folder}/root`);
    const first = commit(`${folder}/root`, { 'a.ts': '1' });
    const real = git(folder, '--exec-path');
    const use = async (inBatch: string): Promise<Git> => {
      write(folder, {
        'bin/git': `#!/bin/sh\ncase "$*" in *cat-file*) ${inBatch};; *) exec "${real}/git" "$@";; esac\n`,
      });
      spawnSync('chmod', ['+x', `${folder}/bin/git`]);
      return open(`${folder}/root`, {
        env: { ...process.env, PATH: `${folder}/bin:${process.env['PATH'] ?? ''}` },
        timeoutMs: 1000,
      });
    };
    const dying = await use('echo "fatal: the disk is on fire" >&2; exit 128');
    await expect(dying.readFile(first, 'a.ts')).rejects.toThrow('git cat-file failed: the disk is on fire');
    const hanging = await use('exec sleep 60');
    await expect(hanging.readFile(first, 'a.ts')).rejects.toThrow('git cat-file failed: it did not answer in 1 s');
    const closed = hanging.readFile(first, 'a.ts');
    await hanging.has(first, 'a.ts');
    setTimeout(() => hanging.dispose(), 50);
    await expect(closed).rejects.toThrow('git cat-file failed: the repository was closed');
  });

  test('never keep the program alive', () => {
    repository(folder);
    const first = commit(folder, { 'a.ts': '1' });
    const script = `
      import { Git } from ${JSON.stringify(join(import.meta.dirname, '../../../src/engine/git/repository.ts'))};
      const git = await Git.open(${JSON.stringify(folder)});
      console.log((await git.value.readFile(${JSON.stringify(first)}, 'a.ts')).toString());`;
    const bundle = buildSync({
      stdin: { contents: script, resolveDir: folder },
      bundle: true,
      alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
      platform: 'node',
      format: 'esm',
      write: false,
    });
    write(folder, { 'script.mjs': bundle.outputFiles[0]?.text ?? '' });
    const { status, stdout } = spawnSync(process.execPath, [`${folder}/script.mjs`], { timeout: 20_000 });
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: '1\n' });
  });
});

function catFiles(root: string): string[] {
  const { stdout } = spawnSync('pgrep', ['-f', `${root}.*cat-file --batch`]);
  return stdout.toString().split('\n').filter(Boolean);
}

describe('changed files', () => {
  test('are those that differ from a commit, new and deleted ones too, and not the ignored', async () => {
    repository(folder);
    const first = commit(folder, { '.gitignore': 'out\n', 'a.ts': '1', 'b ü.ts': '1', 'c.ts': '1', 'd.ts': '1' });
    commit(folder, { 'd.ts': '2' });
    const repo = await open(folder);
    expect(await repo.isDirty()).toBe(false);
    write(folder, { 'b ü.ts': '2', 'new/é.ts': '', 'out/x.ts': '' });
    rmSync(`${folder}/c.ts`);
    expect(await repo.isDirty()).toBe(true);
    const head = git(folder, 'rev-parse', 'HEAD');
    expect(await repo.changedFiles(head)).toEqual(['b ü.ts', 'c.ts', 'new/é.ts'].map((path) => `${folder}/${path}`));
    expect(await repo.changedFiles(first)).toEqual(
      ['b ü.ts', 'c.ts', 'd.ts', 'new/é.ts'].map((path) => `${folder}/${path}`),
    );
    git(folder, 'add', 'b ü.ts', 'new');
    expect(await repo.stagedFiles()).toEqual(['b ü.ts', 'new/é.ts'].map((path) => `${folder}/${path}`));
  });

  test('are relative to no sub-folder, whatever the configuration', async () => {
    repository(folder);
    const first = commit(folder, { 'a.ts': '1', 'src/b.ts': '1' });
    git(folder, 'config', 'diff.relative', 'true');
    git(folder, 'config', 'diff.noprefix', 'true');
    write(folder, { 'a.ts': '2', 'src/b.ts': '2', 'src/c.ts': '' });
    const repo = await open(`${folder}/src`);
    expect(await repo.changedFiles(first)).toEqual(['a.ts', 'src/b.ts', 'src/c.ts'].map((path) => `${folder}/${path}`));
  });

  test('of a commit in progress are those of its own index', async () => {
    repository(folder);
    commit(folder, { 'a.ts': '1', 'b.ts': '1' });
    write(folder, { 'a.ts': '2', 'b.ts': '2' });
    git(folder, 'add', 'b.ts');
    // What `git commit a.ts` does before it runs the pre-commit hook.
    writeFileSync(`${folder}/.git/next-index`, readFileSync(`${folder}/.git/index`));
    const env = { ...process.env, GIT_INDEX_FILE: `${folder}/.git/next-index` };
    spawnSync('git', ['reset', '--quiet'], { cwd: folder, env });
    spawnSync('git', ['add', 'a.ts'], { cwd: folder, env });
    expect(await (await open(folder, { env })).stagedFiles()).toEqual([`${folder}/a.ts`]);
    expect(await (await open(folder)).stagedFiles()).toEqual([`${folder}/b.ts`]);
    const foreign = { ...process.env, GIT_INDEX_FILE: join(folder, '../elsewhere/.git/index') };
    expect(await (await open(folder, { env: foreign })).stagedFiles()).toEqual([`${folder}/b.ts`]);
  });
});

test('an ignored file is one that git does not track', async () => {
  repository(folder);
  commit(folder, { 'out/tracked.js': '' });
  write(folder, { '.gitignore': 'out\n', 'out/ü.js': '', 'a.ts': '' });
  const repo = await open(folder);
  const asked = ['out/ü.js', 'out/not there.js', 'out/tracked.js', 'a.ts'];
  expect(await Promise.all(asked.map((path) => repo.isIgnored(path)))).toEqual([true, true, false, false]);
});

describe('keepWorkingTree', () => {
  const state = (root: string): unknown => ({
    index: createHash('sha256')
      .update(readFileSync(join(root, '.git/index')))
      .digest('hex'),
    status: git(root, '--no-optional-locks', 'status', '--porcelain', '--branch'),
    branches: git(root, 'for-each-ref', 'refs/heads'),
    stash: git(root, 'stash', 'list'),
  });

  test('keeps what is on disk, staged or not, and changes nothing of the user’s', async () => {
    repository(folder);
    const head = commit(folder, { '.gitignore': 'bench.out\n', 'a.ts': '1', 'b.ts': '1', 'c.ts': '1', 'd.ts': '1' });
    write(folder, { 'a.ts': '2 staged' });
    git(folder, 'add', 'a.ts');
    write(folder, { 'a.ts': '3', 'b.ts': '2', 'new.ts': 'new', 'other.ts': 'other', 'bench.out': 'ignored' });
    rmSync(`${folder}/c.ts`);
    const before = state(folder);
    const repo = await open(folder);
    const kept = await repo.keepWorkingTree('refs/perf-budget/v1', 'Ünsaved: v1\n\nwhy', [
      `${folder}/new.ts`,
      'bench.out',
      'gone.ts',
      '../outside.ts',
    ]);
    const id = kept.ok ? kept.value : '';
    expect(kept).toEqual({ ok: true, value: git(folder, 'rev-parse', 'refs/perf-budget/v1') });
    expect(state(folder)).toEqual(before);
    expect(await repo.listFiles(id, '')).toEqual(['.gitignore', 'a.ts', 'b.ts', 'bench.out', 'd.ts', 'new.ts']);
    const read = await Promise.all(['a.ts', 'b.ts', 'd.ts', 'new.ts'].map((path) => repo.readFile(id, path)));
    expect(read.map(text)).toEqual(['3', '2', '1', 'new']);
    expect(git(folder, 'log', '--format=%an %ae %cn %ce|%P|%B', '-1', id)).toBe(
      `Perf Budget perf-budget@localhost Perf Budget perf-budget@localhost|${head}|Ünsaved: v1\n\nwhy`,
    );
    expect(existsSync(`${folder}/other.ts`)).toBe(true);
  });

  test('needs no identity and runs no hook, signature or prompt', async () => {
    repository(folder);
    commit(folder, { 'a.ts': '1' });
    for (const hook of [
      'pre-commit',
      'post-commit',
      'reference-transaction',
      'post-index-change',
      'prepare-commit-msg',
    ]) {
      write(folder, { [`.git/hooks/${hook}`]: `#!/bin/sh\necho ${hook} >> "${folder}/hooks.txt"\nexit 1\n` });
      spawnSync('chmod', ['+x', `${folder}/.git/hooks/${hook}`]);
    }
    git(folder, 'config', 'commit.gpgSign', 'true');
    git(folder, 'config', 'gpg.program', 'false');
    git(folder, 'config', 'user.useConfigOnly', 'true');
    write(folder, { 'a.ts': '2' });
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
    const kept = await (await open(folder, { env })).keepWorkingTree('refs/perf-budget/v1', 'kept');
    expect(kept.ok).toBe(true);
    expect(existsSync(`${folder}/hooks.txt`)).toBe(false);
  });

  test('works before the first commit, with and without files', async () => {
    repository(folder);
    const repo = await open(folder);
    const empty = await repo.keepWorkingTree('refs/perf-budget/empty', 'empty');
    expect(empty.ok && (await repo.listFiles(empty.value, ''))).toEqual([]);
    write(folder, { 'a.ts': '1', 'b.ts': '1' });
    git(folder, 'add', 'a.ts');
    const kept = await repo.keepWorkingTree('refs/perf-budget/first', 'first', ['b.ts']);
    expect(kept.ok && (await repo.listFiles(kept.value, ''))).toEqual(['a.ts', 'b.ts']);
    expect(await repo.head()).toBe(null);
  });

  test('sees a change of the same size in the same second as the last `git add`', async () => {
    repository(folder);
    commit(folder, { 'a.ts': '1' });
    const index = readFileSync(`${folder}/.git/index`);
    const now = new Date(Math.floor(Date.now() / 1000) * 1000);
    utimesSync(`${folder}/a.ts`, now, now);
    git(folder, 'update-index', '--refresh');
    write(folder, { 'a.ts': '2' });
    utimesSync(`${folder}/a.ts`, now, now);
    utimesSync(`${folder}/.git/index`, now, now);
    expect(index.length).toBeGreaterThan(0);
    const repo = await open(folder);
    const kept = await repo.keepWorkingTree('refs/perf-budget/racy', 'racy');
    expect(kept.ok && text(await repo.readFile(kept.value, 'a.ts'))).toBe('2');
  });

  test('keeps line endings as a commit would', async () => {
    repository(folder);
    git(folder, 'config', 'core.autocrlf', 'true');
    git(folder, 'config', 'core.safecrlf', 'true');
    const first = commit(folder, { 'a.ts': 'one\r\ntwo\r\n' });
    const repo = await open(folder);
    expect(git(folder, 'cat-file', 'blob', 'HEAD:a.ts')).toBe('one\ntwo');
    expect(text(await repo.readFile(first, 'a.ts'))).toBe('one\r\ntwo\r\n');
    expect(await repo.isDirty()).toBe(false);
    write(folder, { 'a.ts': 'one\r\ntwo\nthree\r\n' });
    const kept = await repo.keepWorkingTree('refs/perf-budget/crlf', 'crlf');
    expect(kept.ok && text(await repo.readFile(kept.value, 'a.ts'))).toBe('one\r\ntwo\nthree\r\n');
    expect(git(folder, 'cat-file', 'blob', 'refs/perf-budget/crlf:a.ts')).toBe('one\ntwo\nthree');
  });

  test('works in the middle of a merge with conflicts', async () => {
    repository(folder);
    commit(folder, { 'a.ts': '1' });
    git(folder, 'checkout', '--quiet', '-b', 'side');
    commit(folder, { 'a.ts': 'side' });
    git(folder, 'checkout', '--quiet', 'main');
    commit(folder, { 'a.ts': 'main' });
    expect(() => git(folder, 'merge', 'side')).toThrow();
    write(folder, { 'a.ts': 'half solved' });
    const before = state(folder);
    const repo = await open(folder);
    const kept = await repo.keepWorkingTree('refs/perf-budget/merge', 'merge');
    expect(kept.ok && text(await repo.readFile(kept.value, 'a.ts'))).toBe('half solved');
    expect(state(folder)).toEqual(before);
  });

  test('says why it cannot', async () => {
    repository(folder);
    commit(folder, { 'a.ts': '1' });
    const repo = await open(folder);
    expect(await repo.keepWorkingTree('refs/perf-budget/a b', 'x')).toEqual({
      ok: false,
      error:
        "git update-ref failed: update_ref failed for ref 'refs/perf-budget/a b': refusing to update ref with bad name 'refs/perf-budget/a b'",
    });
  });

  test('moves a ref that is there already', async () => {
    repository(folder);
    commit(folder, { 'a.ts': '1' });
    const repo = await open(folder);
    const first = await repo.keepWorkingTree('refs/perf-budget/v1', 'one');
    write(folder, { 'a.ts': '2' });
    const second = await repo.keepWorkingTree('refs/perf-budget/v1', 'two');
    expect(first.ok && second.ok && first.value !== second.value).toBe(true);
    expect(await repo.resolve('refs/perf-budget/v1')).toBe(second.ok ? second.value : '');
  });
});
