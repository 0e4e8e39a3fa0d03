import path from 'node:path';
import { unknownMachine } from '../../core/results/measurement.js';
import { err } from '../../core/result.js';
import { BenchFiles } from '../discovery/bench-files.js';
import { BundleStore } from '../bundle/bundle-store.js';
import { Bundler } from '../bundle/bundler.js';
import { WorkerPool } from '../workers/pool.js';
import { Git } from '../git/repository.js';
import { History } from '../history/history.js';
import { Idle } from '../measure/idle.js';
import { describeMachine, machineId } from '../workers/machine.js';
import { Noise } from '../measure/noise.js';
import { slashed } from '../util/paths.js';
import { Planner } from '../measure/plan.js';
import { Pipelines, programBeside } from '../pipeline/pipelines.js';
import { OpenProject, type ProjectOptions } from './project.js';
import { Runner } from '../measure/run.js';
import { findRuntime } from '../workers/runtime.js';

/** Opens the `perf-budget.jsonc` at this path and reads everything under its folder. */
export async function openProject(configFile: string, options: ProjectOptions): Promise<OpenProject> {
  const project = await createProject(configFile, options);
  const cancel = (): void => project.cancel();
  options.signal?.addEventListener('abort', cancel);
  if (options.signal?.aborted !== true) await project.reload();
  options.signal?.removeEventListener('abort', cancel);
  return project;
}

/** Opens a project without reading anything: `reload` does that, and its listeners see the results arrive. */
export async function createProject(configFile: string, options: ProjectOptions): Promise<OpenProject> {
  const root = slashed(path.dirname(path.resolve(configFile)));
  const [history, runtime] = await Promise.all([
    History.open(root, { readOnly: !options.trusted }),
    findRuntime(options.nodePath),
  ]);
  const [git, machine] = options.trusted
    ? await Promise.all([Git.open(root), describeMachine(runtime)])
    : [err({ message: 'the workspace is not trusted' }), unknownMachine];
  const store = new BundleStore();
  const { workerPath, log } = options;
  const repository = git.ok ? git.value : null;
  const pipelines = options.trusted
    ? new Pipelines({ root, runtime, program: programBeside(workerPath), git: repository, log })
    : null;
  const bundler = new Bundler(root, (message) => log.debug(message), pipelines);
  const workers = options.workers ?? new WorkerPool(runtime, workerPath, root, options.log, machine);
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
  const planner = new Planner({ ...shared, gitMessage: git.ok ? '' : git.error.message });
  const noise = new Noise(history, machineId(machine));
  const isIdleUsed = options.trusted && options.measuresWhenIdle === true;
  const idle = isIdleUsed ? new Idle({ workers, noise, log: options.log }) : null;
  const runner = new Runner({ ...shared, benchFiles, planner, noise, idle, log: options.log });
  const id = async (): Promise<string> => machineId(options.trusted ? machine : await describeMachine(runtime));
  const parts = { ...options, ...shared, machineId: id, benchFiles, planner, runner, idle };
  return new OpenProject(root, slashed(path.resolve(configFile)), parts);
}
