import path from 'node:path';
import { unknownMachine } from '../../core/results/measurement.js';
import { err, type Result } from '../../core/result.js';
import { BenchFiles } from '../discovery/bench-files.js';
import { BundleStore } from '../bundle/bundle-store.js';
import { Bundler } from '../bundle/bundler.js';
import { WorkerPool } from '../workers/pool.js';
import { Git, type GitError } from '../git/repository.js';
import { History } from '../history/history.js';
import { Explainer } from '../explain/explainer.js';
import { Idle } from '../measure/idle.js';
import { describeMachine, machineId } from '../workers/machine.js';
import { Noise } from '../measure/noise.js';
import { closingOnFailure } from '../util/dispose.js';
import { slashed } from '../util/paths.js';
import { Planner } from '../measure/plan.js';
import { Pipelines, programBeside } from '../pipeline/pipelines.js';
import { OpenProject } from './project.js';
import type { ProjectOptions } from './parts.js';
import { Runner } from '../measure/run.js';
import { findRuntime } from '../workers/runtime.js';

const restricted = err({ kind: 'restricted', message: 'the workspace is not trusted' } as const);

const closeGit = (git: Result<Git, unknown>): void => (git.ok ? git.value.dispose() : undefined);

/** Opens the `perf-budget.jsonc` at this path and reads everything under its folder. Leaves nothing open if that fails. */
export async function openProject(configFile: string, options: ProjectOptions): Promise<OpenProject> {
  return closingOnFailure(async (opened) => {
    const project = await createProject(configFile, options);
    opened.push(() => project.dispose());
    const cancel = (): void => project.cancel();
    options.signal?.addEventListener('abort', cancel);
    try {
      if (options.signal?.aborted !== true) await project.reload();
    } finally {
      options.signal?.removeEventListener('abort', cancel);
    }
    return project;
  });
}

/**
 * Opens a project without reading anything: `reload` does that, and its listeners see the results arrive. Leaves nothing open if
 * it fails.
 */
export function createProject(configFile: string, options: ProjectOptions): Promise<OpenProject> {
  return closingOnFailure((opened) => create(configFile, options, opened));
}

async function create(configFile: string, options: ProjectOptions, opened: (() => unknown)[]): Promise<OpenProject> {
  const root = slashed(path.dirname(path.resolve(configFile)));
  const history = await History.open(root, { readOnly: !options.trusted });
  opened.push(() => history.close());
  const runtime = await findRuntime(options.nodePath);
  const opening = options.trusted ? Git.open(root) : Promise.resolve(restricted);
  opened.push(async () => closeGit(await opening));
  const [git, machine] = await Promise.all([opening, options.trusted ? describeMachine(runtime) : unknownMachine]);
  const repository = git.ok ? git.value : null;
  const store = new BundleStore();
  opened.push(() => store.dispose());
  const { workerPath, log } = options;
  const pipelines = options.trusted
    ? new Pipelines({ root, runtime, program: programBeside(workerPath), git: repository, log })
    : null;
  opened.push(() => pipelines?.dispose());
  const bundler = new Bundler(root, (message) => log.debug(message), pipelines);
  opened.push(() => bundler.dispose());
  const workers = options.workers ?? new WorkerPool(runtime, workerPath, root, options.log, machine);
  opened.push(() => workers.dispose());
  const shared = {
    root,
    bundler,
    store,
    workers,
    runtime,
    workerPath,
    history,
    machine,
    git: repository,
    pipelines,
  };
  const benchFiles = new BenchFiles(root, shared);
  const isGitBroken = options.trusted && !git.ok && (git.error.kind === 'failed' || git.error.kind === 'not-trusted');
  const planner = new Planner({ ...shared, gitMessage: git.ok ? '' : git.error.message, isGitBroken });
  const noise = new Noise(history, machineId(machine));
  const isIdleUsed = options.trusted && options.measuresWhenIdle === true;
  const idle = isIdleUsed ? new Idle({ workers, noise, log: options.log }) : null;
  opened.push(() => idle?.dispose());
  const onUnplaced = (error: GitError): void => planner.faults.unplaced(error);
  const explainer = new Explainer({ ...shared, log: options.log });
  const { explain } = explainer;
  const runner = new Runner({ ...shared, benchFiles, planner, noise, idle, explain, onUnplaced, log: options.log });
  const id = async (): Promise<string | null> => {
    if (options.trusted) return machineId(machine);
    return options.mayAskNode === true ? machineId(await describeMachine(runtime)) : null;
  };
  const parts = { ...options, ...shared, machineId: id, benchFiles, planner, runner, idle, explainer };
  return new OpenProject(root, slashed(path.resolve(configFile)), parts);
}
