import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import type { DebugRequest, DebugTarget } from '../../engine/project/debug.js';
import { errorText } from '../../engine/util/log.js';
import { choose, showError } from '../session/dialogs.js';
import { plainName } from '../session/plainName.js';
import { runFolder } from '../session/runFolder.js';
import type { Session } from '../session/session.js';
import type { BudgetTest } from './testTree.js';

/** How often a benchmark is called under the debugger: a breakpoint that was missed comes again. */
const calls = 10;
const profileMs = 2000;

export interface Debugging {
  readonly tests: readonly BudgetTest[];
  /** Whether V8's profiler looks at it, and no debugger. */
  readonly isProfiled: boolean;
  /** A folder of ours. */
  readonly storage: vscode.Uri;
  readonly run: vscode.TestRun;
  readonly token: vscode.CancellationToken;
}

/**
 * Runs the benchmarks of budgets one after the other, each in a process of its own under VS Code's debugger for Node, or under V8's
 * profiler, whose profiles are opened. It is no measurement: no budget gets a result.
 */
export async function debugBenchmarks(session: Session, debugging: Debugging): Promise<void> {
  const { run, tests, isProfiled, storage, token } = debugging;
  try {
    const folder = await runFolder(storage, 'debug');
    const done = new Set<string>();
    for (const { item, project, view } of tests) {
      const found = await project.debugTargets(view.budget.name);
      if (!found.ok) {
        showError(found.error);
        run.errored(item, new vscode.TestMessage(found.error));
        continue;
      }
      const target = found.value.length > 1 ? await picked(found.value, view.budget.name) : found.value[0];
      if (target === undefined) return;
      const id = JSON.stringify([target.benchFile, target.name]);
      // Budgets of one benchmark run it once.
      if (token.isCancellationRequested || done.has(id)) continue;
      done.add(id);
      const own = vscode.Uri.joinPath(folder, String(done.size));
      const profile = await launched(target, { own, isProfiled, run, token });
      if (profile !== null) await vscode.commands.executeCommand('vscode.open', profile, { preview: false });
    }
  } catch (error) {
    session.log.error(errorText(error));
    showError(error instanceof Error ? error.message : String(error));
  } finally {
    run.end();
  }
}

async function picked(targets: readonly DebugTarget[], budget: string): Promise<DebugTarget | undefined> {
  const choices = targets.map((target) => ({ label: target.name, target }));
  return (await choose(choices, { placeHolder: vscode.l10n.t('Which benchmark of {0}?', budget) }))?.target;
}

/** Runs one benchmark, and returns its profile when the process has ended; null if there is none. */
async function launched(
  target: DebugTarget,
  { own, isProfiled, run, token }: Pick<Debugging, 'isProfiled' | 'run' | 'token'> & { readonly own: vscode.Uri },
): Promise<vscode.Uri | null> {
  const { fs } = vscode.workspace;
  const written = async (name: string, text: string): Promise<string> => {
    const file = vscode.Uri.joinPath(own, name);
    await fs.writeFile(file, Buffer.from(text));
    return pathToFileURL(file.fsPath).href;
  };
  const profile = isProfiled ? vscode.Uri.joinPath(own, `${plainName(target.name)}.cpuprofile`) : null;
  const request: DebugRequest = {
    ...{ name: target.name, benchFile: target.benchFile, calls },
    bundle: await written('bundle.mjs', target.bundle),
    prelude: target.prelude === null ? null : await written('prelude.mjs', target.prelude),
    profile: profile === null ? null : { file: profile.fsPath, ms: profileMs },
  };
  const config: vscode.DebugConfiguration = {
    ...{ type: 'node', request: 'launch', name: target.name, console: 'internalConsole', outputCapture: 'std' },
    ...{
      program: target.program,
      args: [fileURLToPath(await written('request.json', JSON.stringify(request)))],
      cwd: target.cwd,
      env: target.env,
    },
    runtimeExecutable: target.node,
    runtimeArgs: ['--expose-gc', '--no-warnings', ...target.execArgv],
    // The bundle is elsewhere, and its map leads to the user's files.
    ...{ sourceMaps: true, resolveSourceMapLocations: null, outFiles: [`${own.fsPath}/*.mjs`] },
    skipFiles: ['<node_internals>/**', `${path.dirname(target.program)}/**`],
    perfBudget: own.fsPath,
  };
  const workspaceFolder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(target.benchFile));
  const ended = sessionEnd(own.fsPath, token);
  try {
    const options = { testRun: run, noDebug: isProfiled };
    if (!(await vscode.debug.startDebugging(workspaceFolder, config, options))) return null;
    await ended.promise;
    if (profile === null) return null;
    return await fs.stat(profile).then(
      () => profile,
      () => null,
    );
  } finally {
    ended.dispose();
    await fs.delete(vscode.Uri.joinPath(own, 'bundle.mjs')).then(undefined, () => undefined);
  }
}

/** Settles when the session whose configuration has this mark has ended. A cancellation ends it. */
function sessionEnd(mark: string, token: vscode.CancellationToken): { promise: Promise<void>; dispose: () => void } {
  let end: () => void = () => undefined;
  let started: vscode.DebugSession | undefined;
  const promise = new Promise<void>((resolve) => (end = resolve));
  const isOurs = ({ configuration, parentSession }: vscode.DebugSession): boolean =>
    (configuration['perfBudget'] as unknown) === mark && parentSession === undefined;
  const listeners = vscode.Disposable.from(
    vscode.debug.onDidStartDebugSession((one) => {
      if (!isOurs(one)) return;
      started = one;
      if (token.isCancellationRequested) void vscode.debug.stopDebugging(one);
    }),
    vscode.debug.onDidTerminateDebugSession((one) => {
      if (isOurs(one)) end();
    }),
    token.onCancellationRequested(() => void (started && vscode.debug.stopDebugging(started))),
  );
  return {
    promise,
    dispose: () => {
      listeners.dispose();
    },
  };
}
