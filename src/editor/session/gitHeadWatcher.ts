import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import type { Project } from '../../engine/project/snapshot.js';
import type { Session } from './session.js';
import { judgedAnew } from './judgedAnew.js';
import { errorText } from '../../engine/util/log.js';

/** A rebase moves HEAD many times. */
const burstMs = 200;

/** Judges anew when a commit or a checkout moves the baseline, which may touch none of the user's files. */
export function gitHeadWatcher(session: Session): vscode.Disposable {
  const watched = new Map<Project, vscode.Disposable>();

  const align = (): void => {
    const projects = new Set(session.projects);
    for (const [project, watcher] of watched) {
      if (projects.has(project)) continue;
      watcher.dispose();
      watched.delete(project);
    }
    for (const project of projects) if (!watched.has(project)) watched.set(project, watchHead(project, session));
  };

  return vscode.Disposable.from(
    session.onDidChange(align),
    new vscode.Disposable(() => {
      vscode.Disposable.from(...watched.values()).dispose();
    }),
  );
}

function watchHead(project: Project, { log }: Session): vscode.Disposable {
  const disposables: vscode.Disposable[] = [];
  let disposed = false;
  let timer: NodeJS.Timeout | undefined;
  const moved = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      judgedAnew(project).catch((error: unknown) =>
        log.error(`Reading ${project.root} again failed: ${errorText(error)}`),
      );
    }, burstMs);
  };
  gitFolders(project.root)
    .then((found) => {
      if (found === null || disposed) return;
      const { folder, shared } = found;
      // `HEAD` names the branch, its log grows with every commit, and a clean-up, which may delete the commit of a baseline,
      // packs the refs; none of them needs a recursive watcher.
      for (const file of [`${folder}/HEAD`, `${folder}/logs/HEAD`, `${shared}/packed-refs`]) {
        const base = vscode.Uri.file(path.dirname(file));
        const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(base, path.basename(file)));
        disposables.push(watcher, watcher.onDidChange(moved), watcher.onDidCreate(moved));
      }
    })
    .catch((error: unknown) => log.warn(`Cannot watch for commits: ${errorText(error)}`));
  return new vscode.Disposable(() => {
    disposed = true;
    clearTimeout(timer);
    vscode.Disposable.from(...disposables).dispose();
  });
}

/** Returns the folder that holds this working tree's HEAD, and the one that all working trees share; null outside of git. */
async function gitFolders(from: string): Promise<{ readonly folder: string; readonly shared: string } | null> {
  const folder = await gitFolder(from);
  if (folder === null) return null;
  // Only a linked working tree has this file.
  const common = await readFile(path.join(folder, 'commondir'), 'utf8').catch(() => '');
  return { folder, shared: path.resolve(folder, common.trim()) };
}

/** Returns the folder that holds this working tree's HEAD; null outside of git. */
async function gitFolder(from: string): Promise<string | null> {
  const candidate = path.join(from, '.git');
  const found = await stat(candidate).catch(() => null);
  if (found?.isDirectory() === true) return candidate;
  if (found !== null) {
    // In a linked working tree or a submodule, `.git` is a file that names the folder.
    const named = /^gitdir: (.*)$/m.exec(await readFile(candidate, 'utf8'))?.[1];
    return named === undefined ? null : path.resolve(from, named.trim());
  }
  const parent = path.dirname(from);
  return parent === from ? null : gitFolder(parent);
}
