import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import type { Session } from '../../../src/editor/session/session.js';
import { slashed } from '../../../src/engine/util/paths.js';
import { commitAll, removeFolder, temporaryFolder, writeFiles } from '../workspaces.js';

const host = vi.hoisted(() => ({ watched: [] as string[] }));

vi.mock('vscode', () => {
  const subscribe = () => ({ dispose: () => undefined });
  const nothing = { dispose: () => undefined, onDidChange: subscribe, onDidCreate: subscribe };
  return {
    workspace: {
      createFileSystemWatcher: ({ base, pattern }: { base: string; pattern: string }) => (
        host.watched.push(slashed(`${base}/${pattern}`)),
        nothing
      ),
    },
    RelativePattern: class {
      constructor(
        readonly base: string,
        readonly pattern: string,
      ) {}
    },
    Uri: { file: (file: string) => file },
    Disposable: Object.assign(vi.fn(), { from: () => ({ dispose: () => undefined }) }),
  };
});

const { gitHeadWatcher } = await import('../../../src/editor/session/gitHeadWatcher.js');

/** Returns the files that are watched for a project in a folder. */
async function watchedFor(root: string): Promise<readonly string[]> {
  host.watched = [];
  let align: () => void = () => undefined;
  const session = { projects: [{ root }], onDidChange: (listener: () => void) => (align = listener) };
  gitHeadWatcher(session as unknown as Session);
  align();
  await vi.waitFor(() => expect(host.watched).toHaveLength(3));
  return host.watched;
}

test('a linked working tree has a HEAD of its own, and shares its packed refs', async () => {
  const folder = await realpath(await temporaryFolder());
  try {
    const [main, linked] = [path.join(folder, 'main'), path.join(folder, 'linked')];
    await writeFiles(main, { 'packages/a/perf-budget.jsonc': '{}' });
    await commitAll(main);
    await promisify(execFile)('git', ['worktree', 'add', '--quiet', linked], { cwd: main });
    const own = slashed(path.join(main, '.git'));
    expect(await watchedFor(path.join(main, 'packages/a'))).toEqual([
      `${own}/HEAD`,
      `${own}/logs/HEAD`,
      `${own}/packed-refs`,
    ]);
    expect(await watchedFor(path.join(linked, 'packages/a'))).toEqual([
      `${own}/worktrees/linked/HEAD`,
      `${own}/worktrees/linked/logs/HEAD`,
      `${own}/packed-refs`,
    ]);
  } finally {
    await removeFolder(folder);
  }
});
