import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A new folder of one's own, with `/` on every system, and no symbolic link on the way. */
export function temporaryFolder(name = 'perf-budget-test-'): string {
  return realpathSync.native(mkdtempSync(join(tmpdir(), name))).replaceAll('\\', '/');
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

export function write(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** A configuration of its own, so that the developer's does not matter, nor the hook that runs the tests. */
const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
  GIT_CONFIG_GLOBAL: devNull,
  GIT_CONFIG_NOSYSTEM: '1',
};

export function git(folder: string, ...args: string[]): string {
  const identity = ['user.name=Test', 'user.email=test@localhost', 'commit.gpgSign=false', 'init.defaultBranch=main'];
  const settings = ['core.hooksPath=/dev/null', 'protocol.file.allow=always', ...identity];
  return execFileSync('git', [...settings.flatMap((each) => ['-c', each]), ...args], {
    cwd: folder,
    env: environment,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** Commits everything, and returns the commit's id. */
export function commit(folder: string, files: Readonly<Record<string, string | Buffer>>, message = 'change'): string {
  write(folder, files);
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', message);
  return git(folder, 'rev-parse', 'HEAD');
}

export function repository(folder: string): string {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '--quiet');
  return folder;
}
