import path from 'node:path';
import * as vscode from 'vscode';
import { jsonText } from '../../core/text/escape.js';
import { markdown, type Markdown } from '../../core/text/markdown.js';
import { definitions, type ToolDefinition, type ToolName } from '../../requests/tools/definitions.js';
import type { Project } from '../../engine/project/snapshot.js';
import { errorText } from '../../engine/util/log.js';
import { isWithin } from '../../engine/util/paths.js';
import type { Answer, Host } from '../../requests/tools/tool.js';
import { markdownString } from '../drawing/markdown-string.js';
import { judgedAnew } from '../session/judgedAnew.js';
import type { Session } from '../session/session.js';
import { nodePath } from '../session/settings.js';

const refusal =
  'Nothing was run: this workspace is not trusted, and measuring runs its code. Only perf_budget_list and perf_budget_history answer. The user can trust it with the command "Workspaces: Manage Workspace Trust".';

/** What is asked before a tool runs code; the titles of the tools are for models, and stay English. */
const questions: Readonly<Partial<Record<ToolName, string>>> = {
  perf_budget_check: vscode.l10n.t('Check Performance Budgets?'),
  perf_budget_explain: vscode.l10n.t('Explain a Performance Regression?'),
  perf_budget_propose: vscode.l10n.t('Propose a Performance Budget?'),
};

/** The tools for VS Code's own agents, over the projects that are open anyway. A host without an interface for tools gets none. */
export function agentTools(session: Session): vscode.Disposable {
  const { lm } = vscode as { readonly lm?: Partial<typeof vscode.lm> };
  const register = lm?.registerTool;
  if (register === undefined) return vscode.Disposable.from();
  return vscode.Disposable.from(...definitions.map((one) => register(one.name, new Tool(session, one))));
}

class Tool implements vscode.LanguageModelTool<object> {
  constructor(
    readonly session: Session,
    readonly definition: ToolDefinition,
  ) {}

  prepareInvocation({
    input,
  }: vscode.LanguageModelToolInvocationPrepareOptions<object>): vscode.PreparedToolInvocation {
    const { name, title, doing, runsCode } = this.definition;
    const about = markdown.join(namedIn(input), ', ');
    const invocationMessage = markdownString(about.text === '' ? markdown`${doing()}` : markdown`${doing()}: ${about}`);
    // What is refused needs no confirmation.
    if (!runsCode || !vscode.workspace.isTrusted) return { invocationMessage };
    const subject = about.text === '' ? markdown.trusted(vscode.l10n.t('all budgets that the request reaches')) : about;
    const message = markdownString(
      markdown.filled(
        vscode.l10n.t(
          'This runs the benchmarks of this workspace, and so its code. Asked about: {0}. No file of yours is changed.',
        ),
        subject,
      ),
    );
    return { invocationMessage, confirmationMessages: { title: questions[name] ?? title, message } };
  }

  async invoke(
    { input }: vscode.LanguageModelToolInvocationOptions<object>,
    token: vscode.CancellationToken,
  ): Promise<vscode.LanguageModelToolResult> {
    const { callTool } = await import('../../requests/tools/index.js');
    const controller = new AbortController();
    if (token.isCancellationRequested) controller.abort();
    const cancelled = token.onCancellationRequested(() => controller.abort());
    try {
      const { signal } = controller;
      const progress = { show: () => undefined, hide: () => undefined };
      const host = hostOf(this.session, isElsewhere(input));
      const answer = await callTool(this.definition.name, input, { host, signal, progress });
      if (signal.aborted) throw new vscode.CancellationError();
      return resultOf(this.definition.runsCode ? withUnsaved(answer, host.directory) : answer);
    } finally {
      cancelled.dispose();
    }
  }
}

/** Returns the budgets, files and revisions that a request names. The model wrote them. */
function namedIn(input: object): readonly Markdown[] {
  const texts = Object.values(input).flatMap((value: unknown) =>
    Array.isArray(value) ? (value as unknown[]) : [value],
  );
  return texts.flatMap((text) => (typeof text === 'string' && text !== '' ? [markdown`${text}`] : []));
}

/** Says which files have changes that were not measured, because they are not saved. */
function withUnsaved(answer: Answer, directory: string): Answer {
  const unsaved = vscode.workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && uri.scheme === 'file');
  const names = unsaved.map(({ uri }) => path.relative(directory, uri.fsPath));
  if (names.length === 0) return answer;
  return { ...answer, text: `${answer.text}\n\nNot saved, so not measured as it stands: ${names.join(', ')}` };
}

/** Returns the text, and the document where there is one: as data where the host knows that, else as text. */
function resultOf({ text, document }: Answer): vscode.LanguageModelToolResult {
  const { LanguageModelDataPart: Data } = vscode as unknown as {
    readonly LanguageModelDataPart?: { json(value: unknown): vscode.LanguageModelTextPart };
  };
  const whole = [new vscode.LanguageModelTextPart(text)];
  if (document !== null) {
    whole.push(Data === undefined ? new vscode.LanguageModelTextPart(jsonText(document)) : Data.json(document));
  }
  return new vscode.LanguageModelToolResult(whole);
}

/** Whether a request compares with something else than what the editor shows does. */
function isElsewhere({ against, from }: { readonly against?: unknown; readonly from?: unknown }): boolean {
  return [against, from].some((one) => typeof one === 'string' && one !== '');
}

function hostOf(session: Session, restores: boolean): Host {
  const all = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const directory = commonFolder(all);
  const folders = async (folder: string | null): Promise<readonly string[]> => {
    if (folder === null) return all;
    const whole = path.resolve(directory, folder);
    if (all.some((one) => isWithin(one, whole))) return [whole];
    // The folder that holds several of the workspace is in none of them.
    const inside = all.filter((one) => isWithin(whole, one));
    if (inside.length > 0) return inside;
    const { UsageError } = await import('../../requests/selection/usage-error.js');
    throw new UsageError(`"${folder}" is outside of the folders of this workspace: ${all.join(', ')}.`);
  };
  return {
    directory,
    refusal: vscode.workspace.isTrusted ? null : refusal,
    running: { log: session.log, workerPath: session.workerPath, nodePath },
    folders,
    async withProjects({ folder, signal }, work) {
      const [opened, own] = [await session.opened(), await folders(folder)];
      const projects = opened.filter(({ root }) => folder === null || own.some((one) => isWithin(one, root)));
      // A folder without a file of its own is governed by the nearest around it.
      const whole = path.resolve(directory, folder ?? '.');
      const around = session.projectOf(vscode.Uri.file(whole));
      // If there is just one project, `projectOf` returns it for any folder.
      const isGoverned = folder !== null && around !== null && isWithin(around.root, whole);
      const found = projects.length === 0 && isGoverned ? [around] : projects;
      await Promise.all(found.map((project) => read(project, signal)));
      if (found.length > 0) {
        try {
          return await work(found);
        } finally {
          // The editor shows what these projects know, and its user did not ask for another baseline.
          if (restores) for (const project of found) restore(project, session);
        }
      }
      const { NoConfigError } = await import('../../requests/selection/usage-error.js');
      const where = folder ?? 'this workspace';
      throw new NoConfigError(
        `No perf-budget.jsonc in ${where}. Create one with the command "Perf Budget: Initialize".`,
      );
    },
  };
}

/** Shows again what was known before. No agent waits for it. */
function restore(project: Project, { log }: Session): void {
  judgedAnew(project).catch((error: unknown) => log.error(`Reading ${project.root} again failed: ${errorText(error)}`));
}

/** An agent may call as soon as the window is open; what is not read by then is waited for, but not for ever. */
const longestReadMs = 60_000;

/** Settles when a project has read its files, or when nobody waits any more. */
async function read(project: Project, signal: AbortSignal): Promise<void> {
  const until = AbortSignal.any([signal, AbortSignal.timeout(longestReadMs)]);
  if (project.snapshot.benchmarks !== null || until.aborted) return;
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      unsubscribe();
      resolve();
    };
    const unsubscribe = project.onDidChange(() => {
      if (project.snapshot.benchmarks !== null) settle();
    });
    until.addEventListener('abort', settle, { once: true });
  });
}

/** Returns the deepest folder that holds all of these. */
function commonFolder(folders: readonly string[]): string {
  const [first = '/', ...others] = folders;
  let common = first;
  while (others.some((one) => !isWithin(common, one)) && path.dirname(common) !== common) {
    common = path.dirname(common);
  }
  return common;
}
