import * as vscode from 'vscode';
import { errorText, type Log } from '../../engine/util/log.js';
import { Engine, type Outage } from '../../engine/remote/client.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { commands, type BudgetKey } from './ids.js';
import { DocumentPositions } from './documentPositions.js';
import { nodePath } from './settings.js';
import { fileKey, BudgetIndex, type ShownBudget } from './budgetIndex.js';
import { configFileName } from '../../core/config/file-names.js';
import { offer } from './dialogs.js';

/** Never searched for budget files, whatever the settings say. */
const notSearched = '**/{node_modules,.git,.perf-budget,.vscode-test}/**';

/** Several changes within this time are drawn once. */
const drawEveryMs = 30;

interface Entry {
  readonly project: Project;
  readonly close: () => void;
}

/** Every `perf-budget.jsonc` of the workspace, open as a project, and what all of them show. */
export class Session implements vscode.Disposable {
  readonly positions = new DocumentPositions();
  /** Whether a continuous run of the Testing view is on: then every save measures, whatever the settings say. */
  runsContinuously = false;
  readonly #entries = new Map<string, Entry>();
  readonly #engine: Engine;
  readonly #index = new BudgetIndex();
  readonly #changed = new vscode.EventEmitter<void>();
  /** Fires when something shown has changed, at most once every `drawEveryMs`. */
  readonly onDidChange = this.#changed.event;
  readonly #watcher = vscode.workspace.createFileSystemWatcher(`**/${configFileName}`);
  readonly #listeners: vscode.Disposable;
  #drawing: NodeJS.Timeout | undefined;
  #opening: Promise<void> = Promise.resolve();
  #disposed = false;

  constructor(
    readonly log: Log,
    /** `dist/worker.js`. */
    readonly workerPath: string,
    /** `dist/engine.js`. */
    enginePath: string,
  ) {
    this.#engine = new Engine(enginePath, log, (outage) => void this.#say(outage));
    const refresh = (): void => void this.refresh();
    const reopen = (): void => void this.refresh({ reopen: true });
    this.#listeners = vscode.Disposable.from(
      this.#watcher,
      this.#watcher.onDidCreate(refresh),
      // It may now ignore other budget files.
      this.#watcher.onDidChange(refresh),
      this.#watcher.onDidDelete(refresh),
      vscode.workspace.onDidChangeWorkspaceFolders(refresh),
      vscode.workspace.onDidGrantWorkspaceTrust(reopen),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration('perfBudget.node')) reopen();
      }),
    );
    refresh();
  }

  /** In the order of the workspace's folders, and in each by their paths. */
  get projects(): readonly Project[] {
    return Array.from(this.#entries.values(), ({ project }) => project);
  }

  /** Returns what is shown in a document. Places are those in the saved file; `positions` moves them with unsaved edits. */
  shownIn(document: vscode.TextDocument): readonly ShownBudget[] {
    if (document.uri.scheme !== 'file') return [];
    const key = fileKey(document.uri.fsPath);
    return this.projects.flatMap((project) => this.#index.in(project, key));
  }

  find({ root, budget }: BudgetKey): { project: Project; view: BudgetView } | null {
    const project = this.projects.find((candidate) => candidate.root === root);
    const view = project?.snapshot.budgets.find((candidate) => candidate.budget.name === budget);
    return project === undefined || view === undefined ? null : { project, view };
  }

  /** Returns the project whose folder is the nearest around a file; the only project if there is just one. */
  projectOf(uri: vscode.Uri | undefined): Project | null {
    const path = uri === undefined ? '' : fileKey(uri.fsPath);
    const around = this.projects.filter(({ root }) => path.startsWith(`${fileKey(root)}/`));
    const nearest = around.sort((a, b) => b.root.length - a.root.length)[0];
    return nearest ?? (this.projects.length === 1 ? (this.projects[0] ?? null) : null);
  }

  /** Like `projects`, but waits until the budget files have been found and opened. */
  async opened(): Promise<readonly Project[]> {
    await this.#opening;
    return this.projects;
  }

  /** Like `projectOf`, but waits until the budget files have been found and opened. */
  async openedProjectOf(uri: vscode.Uri): Promise<Project | null> {
    await this.#opening;
    return this.projectOf(uri);
  }

  /** Opens and closes projects to match the budget files that exist. Calls run one after another. */
  refresh({ reopen = false } = {}): Promise<void> {
    this.#opening = this.#opening
      .then(() => this.#align(reopen))
      .catch((error: unknown) => this.#failed('Looking for budget files', error));
    return this.#opening;
  }

  /** Starts the engine anew, and opens what could not be opened before. */
  restart(): Promise<void> {
    this.#engine.restart();
    return this.refresh();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#drawing);
    this.#listeners.dispose();
    this.#closeAll();
    void this.#engine.dispose();
    this.positions.dispose();
    this.#changed.dispose();
  }

  /** Says once that the engine is gone; it shows what was known until it is back. */
  async #say(outage: Outage): Promise<void> {
    const output = vscode.l10n.t('Show Output');
    const restart = vscode.l10n.t('Restart');
    const picked =
      outage === 'restarting'
        ? await offer('Warning', vscode.l10n.t('Perf Budget stopped unexpectedly and is restarting.'), [output])
        : await offer('Error', vscode.l10n.t('Perf Budget stopped several times in a row.'), [restart, output]);
    if (picked === output) await vscode.commands.executeCommand(commands.showOutput);
    if (picked === restart) await this.restart();
  }

  async #align(reopen: boolean): Promise<void> {
    const uris = (await vscode.workspace.findFiles(`**/${configFileName}`, notSearched)).sort(inOrder);
    const wanted = new Map((await notIgnored(uris)).map((path) => [fileKey(path), path]));
    for (const [key, entry] of this.#entries) {
      if (wanted.has(key)) continue;
      entry.close();
      this.#entries.delete(key);
    }
    for (const [key, path] of wanted) {
      if (this.#disposed) return;
      if (!reopen && this.#entries.has(key)) continue;
      // A project that cannot be opened must not stop the others.
      await this.#open(key, path).catch((error: unknown) => this.#failed(`Opening ${path}`, error));
      this.#draw();
    }
    // One that was added may belong before others.
    for (const key of wanted.keys()) {
      const entry = this.#entries.get(key);
      this.#entries.delete(key);
      if (entry !== undefined) this.#entries.set(key, entry);
    }
    this.#draw();
  }

  #failed(what: string, error: unknown): void {
    this.log.error(`${what} failed: ${errorText(error)}`);
  }

  async #open(key: string, path: string): Promise<void> {
    const project = await this.#engine.open(path, {
      trusted: vscode.workspace.isTrusted,
      nodePath: nodePath(path),
      workerPath: this.workerPath,
    });
    const unsubscribe = project.onDidChange(() => this.#draw());
    const close = (): void => {
      unsubscribe();
      project.dispose().catch((error: unknown) => this.#failed(`Closing ${path}`, error));
    };
    if (this.#disposed) {
      close();
      return;
    }
    this.log.info(`Opened ${path}`);
    // The old one is shown until the new one is ready.
    this.#entries.get(key)?.close();
    this.#entries.set(key, { project, close });
  }

  #closeAll(): void {
    for (const { close } of this.#entries.values()) close();
    this.#entries.clear();
    this.#draw();
  }

  #draw(): void {
    if (this.#disposed) return;
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.#changed.fire();
    }, drawEveryMs);
  }
}

/** Orders files by their workspace folders, and then by their paths. */
function inOrder(one: vscode.Uri, other: vscode.Uri): number {
  const [first = 0, second = 0] = [one, other].map((uri) => vscode.workspace.getWorkspaceFolder(uri)?.index);
  return first - second || (one.fsPath < other.fsPath ? -1 : 1);
}

/** Returns the paths without those that an outer budget file ignores; loads the code for that only if there are several. */
async function notIgnored(uris: readonly vscode.Uri[]): Promise<readonly string[]> {
  const paths = uris.map((uri) => uri.fsPath);
  if (paths.length < 2) return paths;
  const { withoutIgnored } = await import('../../engine/discovery/nested.js');
  return withoutIgnored(paths);
}

/** Returns the name of a project's baseline. */
export const againstOf = (project: Project): string => project.snapshot.baseline?.name ?? vscode.l10n.t('the baseline');

export const keyOf = (project: Project, view: BudgetView): BudgetKey => ({
  root: project.root,
  budget: view.budget.name,
});
