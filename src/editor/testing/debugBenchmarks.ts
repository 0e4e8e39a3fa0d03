import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import { visibleLine } from '../../core/text/escape.js';
import type { DebugRequest, DebugTarget } from '../../engine/project/debug.js';
import { errorText } from '../../engine/util/log.js';
import { choose, showError } from '../session/dialogs.js';
import { plainName } from '../session/plainName.js';
import { runFolder } from '../session/runFolder.js';
import type { Session } from '../session/session.js';
import type { BudgetTest } from './testTree.js';

/** How often a benchmark is called under the debugger: a breakpoint that was missed comes again. */
const calls = 10;

export interface Debugging {
  readonly tests: readonly BudgetTest[];
  /** A folder of ours. */
  readonly storage: vscode.Uri;
  readonly run: vscode.TestRun;
  readonly token: vscode.CancellationToken;
}

/**
 * Runs the benchmarks of budgets one after the other, each in a process of its own under VS Code's debugger for Node. It is no
 * measurement: no budget gets a result.
 */
export async function debugBenchmarks(session: Session, debugging: Debugging): Promise<void> {
  await eachBenchmark(session, debugging, 'debug', (target, _, own) => launched(target, own, debugging));
}

/**
 * Runs the benchmarks of budgets under V8's profiler, one after the other, and opens what it saw in VS Code's own viewer. It is no
 * measurement: no budget gets a result.
 */
export async function profileBenchmarks(session: Session, debugging: Debugging): Promise<void> {
  const { run, token } = debugging;
  const aborter = new AbortController();
  const cancelled = vscode.Disposable.from(
    token.onCancellationRequested(() => aborter.abort()),
    run.token.onCancellationRequested(() => aborter.abort()),
  );
  try {
    await eachBenchmark(session, debugging, 'profiles', async ({ name, benchFile }, { item, project, view }, own) => {
      run.started(item);
      const request = { budget: view.budget.name, benchmark: name, benchFile };
      const found = await project.profile(request, aborter.signal);
      if (found === null) return;
      if (!found.ok) {
        run.errored(item, new vscode.TestMessage(found.error));
        showError(found.error);
        return;
      }
      const file = vscode.Uri.joinPath(own, `${plainName(name)}.cpuprofile`);
      await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify(found.value)));
      run.appendOutput(
        `${visibleLine(vscode.l10n.t('{0}: its profile is {1}.', name, file.fsPath))}\r\n`,
        undefined,
        item,
      );
      await vscode.commands.executeCommand('vscode.open', file, { preview: false });
    });
  } finally {
    cancelled.dispose();
  }
}

/** Does something with each benchmark of budgets, in a folder for it alone, and ends the run. */
async function eachBenchmark(
  session: Session,
  { run, tests, token, storage }: Debugging,
  kind: 'debug' | 'profiles',
  act: (target: DebugTarget, test: BudgetTest, own: vscode.Uri) => Promise<void>,
): Promise<void> {
  try {
    const folder = await runFolder(storage, kind);
    const done = new Set<string>();
    for (const test of tests) {
      const { item, project, view } = test;
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
      await act(target, test, vscode.Uri.joinPath(folder, String(done.size)));
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

/** Runs one benchmark under the debugger, until the process has ended. `own` is a folder for it alone. */
async function launched(
  target: DebugTarget,
  own: vscode.Uri,
  { run, token }: Pick<Debugging, 'run' | 'token'>,
): Promise<void> {
  const { fs } = vscode.workspace;
  const written = async (name: string, text: string): Promise<string> => {
    const file = vscode.Uri.joinPath(own, name);
    await fs.writeFile(file, Buffer.from(text));
    return pathToFileURL(file.fsPath).href;
  };
  const request: DebugRequest = {
    ...{ name: target.name, benchFile: target.benchFile, calls },
    bundle: await written('bundle.mjs', target.bundle),
    prelude: target.prelude === null ? null : await written('prelude.mjs', target.prelude),
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
    if (await vscode.debug.startDebugging(workspaceFolder, config, { testRun: run })) await ended.promise;
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
