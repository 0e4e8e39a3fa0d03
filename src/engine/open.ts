import path from 'node:path';
import { unknownMachine } from '../core/measurement.js';
import { err } from '../core/result.js';
import { BenchFiles } from './bench-files.js';
import { BundleStore } from './bundle-store.js';
import { Bundler } from './bundle.js';
import { Forks } from './forks.js';
import { Git } from './git.js';
import { History } from './history.js';
import { Idle } from './idle.js';
import { describeMachine, machineId } from './machine.js';
import { Noise } from './noise.js';
import { slashed } from './paths.js';
import { Planner } from './plan.js';
import { OpenProject, type ProjectOptions } from './project.js';
import { Runner } from './run.js';
import { findRuntime } from './runtime.js';

/** Opens the `perf-budget.jsonc` at this path, and everything under its folder. */
export async function openProject(configFile: string, options: ProjectOptions): Promise<OpenProject> {
  const project = await createProject(configFile, options);
  const cancel = (): void => project.cancel();
  options.signal?.addEventListener('abort', cancel);
  if (options.signal?.aborted !== true) await project.reload();
  options.signal?.removeEventListener('abort', cancel);
  return project;
}

/** The same, with nothing read yet: `reload` does, and whoever listens sees it come. */
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
  const bundler = new Bundler(root, (message) => options.log.debug(message));
  const forks = new Forks(runtime, options.workerPath, root, options.log);
  const shared = { root, bundler, store, forks, history, machine, git: git.ok ? git.value : null };
  const benchFiles = new BenchFiles(root, shared);
  const planner = new Planner({ ...shared, gitMessage: git.ok ? '' : git.error.message });
  const noise = new Noise(history, machineId(machine));
  const isIdleUsed = options.trusted && options.measuresWhenIdle === true;
  const idle = isIdleUsed ? new Idle({ forks, noise, log: options.log }) : null;
  const runner = new Runner({ ...shared, benchFiles, planner, noise, idle, log: options.log });
  const id = async (): Promise<string> => machineId(options.trusted ? machine : await describeMachine(runtime));
  const parts = { ...options, ...shared, machineId: id, benchFiles, planner, runner, idle };
  return new OpenProject(root, slashed(path.resolve(configFile)), parts);
}
