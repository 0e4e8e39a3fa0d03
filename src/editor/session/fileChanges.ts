import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { slashed } from '../../engine/util/paths.js';
import type { Project } from '../../engine/project/snapshot.js';
import type { Session } from './session.js';
import { runsOnSave } from './settings.js';
import { fileKey } from './budgetIndex.js';
import { configFileName } from '../../core/config/file-names.js';
import { errorText } from '../../engine/util/log.js';

/** A `git checkout` arrives as thousands of events; they are passed on as one. */
const burstMs = 100;

const ignored = /\/(?:node_modules|\.git|\.perf-budget)(?:\/|$)/;

/** Reports changes on disk to the projects: the editor's saves at once, other writes in bursts. */
export function fileChanges(session: Session): vscode.Disposable {
  const reported = new Map<string, Promise<string | null>>();
  const burst = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const report = (paths: readonly string[]): void => {
    for (const project of session.projects) {
      answer(project, paths, session.runsContinuously || runsOnSave(project.root)).catch((error: unknown) =>
        session.log.error(`Handling a save failed: ${errorText(error)}`),
      );
    }
  };

  const flush = async (): Promise<void> => {
    timer = undefined;
    const paths = [...burst];
    burst.clear();
    // The watcher also reports what the editor saved itself; reported twice, a save would supersede its own run.
    const news = await Promise.all(paths.map(async (path) => !(await isReported(path))));
    const changed = paths.filter((_, index) => news[index]);
    if (changed.length > 0) report(changed);
  };

  const isReported = async (path: string): Promise<boolean> => {
    const before = reported.get(path);
    if (before === undefined) return false;
    const [then, now] = await Promise.all([before, fileStamp(path)]);
    if (then !== now) reported.delete(path);
    return then === now;
  };

  const seen = (uri: vscode.Uri): void => {
    const path = slashed(uri.fsPath);
    if (session.projects.length === 0 || ignored.test(path)) return;
    burst.add(path);
    timer ??= setTimeout(() => {
      flush().catch((error: unknown) => session.log.error(`Reading changes failed: ${errorText(error)}`));
    }, burstMs);
  };

  const watcher = vscode.workspace.createFileSystemWatcher('**/*');
  return vscode.Disposable.from(
    watcher,
    watcher.onDidChange(seen),
    watcher.onDidCreate(seen),
    watcher.onDidDelete(seen),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.scheme !== 'file' || session.projects.length === 0) return;
      const path = slashed(uri.fsPath);
      reported.set(path, fileStamp(path));
      report([path]);
    }),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}

async function answer(project: Project, paths: readonly string[], measures: boolean): Promise<void> {
  const config = fileKey(`${project.root}/${configFileName}`);
  const code = paths.filter((path) => fileKey(path) !== config);
  try {
    if (code.length < paths.length) await project.reload();
  } finally {
    if (code.length > 0) project.filesChanged(code, measures);
  }
  if (code.length > 0 || !measures) return;
  // A budget that was just written has no figures yet, and nobody will save its code just to get them.
  const budgets = project.snapshot.budgets.filter(({ state }) => state.kind === 'unmeasured' || state.kind === 'stale');
  if (budgets.length > 0) await project.run({ budgets: budgets.map(({ budget }) => budget.name) });
}

/** Returns what distinguishes two states of a file, without reading it; null if there is no file. */
async function fileStamp(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return null;
  }
}
