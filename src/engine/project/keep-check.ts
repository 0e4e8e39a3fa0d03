import { existsSync } from 'node:fs';
import path from 'node:path';
import { serialize } from 'node:v8';
import { baselinesFolder, recordsFile } from '../../core/config/file-names.js';
import type { Config } from '../../core/language/budget.js';
import type { Location } from '../../core/problem.js';
import type { Report } from '../../core/results/measurement.js';
import type { InputStamp, StampBeginning } from '../discovery/input-stamp.js';
import { slashed } from '../util/paths.js';
import { hashOf, type Answer, type Kept, type Look } from './known-check.js';
import type { OpenProject } from './project.js';
import type { Snapshot } from './snapshot.js';

/** Keeps what a check of all budgets found, so that the next one need not look again if nothing changes. */
export function keepCheck(project: OpenProject, report: Report, { beginning, identity }: Look): void {
  const stamp = beginning === null ? null : stampOf(project, report, beginning);
  if (stamp === null) return;
  // What was answered without measuring has nothing that could be kept.
  const budgets = report.budgets.map((budget) => ({ ...budget, cached: budget.cached || budget.samples > 0 }));
  const answer: Answer = {
    report: { ...report, elapsedMs: 0, budgets },
    snapshot: project.snapshot,
    inputs: project.inputs(),
  };
  const found = { stamp: stamp.json, answer: serialize(answer).toString('base64') };
  const kept: Kept = { identity, ...found, hash: hashOf(found) };
  project.parts.history.keepAnswer(JSON.stringify(kept), Date.now());
}

/** Returns the stamp of a check; null if it left something open, or something that it read cannot be watched. */
function stampOf(project: OpenProject, report: Report, beginning: StampBeginning): InputStamp | null {
  const { root, configFile, snapshot, parts } = project;
  const { config } = snapshot;
  const { benchFiles, bundler, git } = parts;
  if (config === null || !isWhole(report, snapshot, config) || leavesFolder(config)) return null;
  // Git may be there, but not answer.
  // A build may read anything.
  if (config.benchmarks.some((source) => source.build !== null)) return null;
  // Vite writes the values of variables into code, and plugins may read anything.
  if (bundler.beside.isThroughVite) return null;
  if (git === null && foldersAbove(root).some((folder) => existsSync(`${folder}/.git`))) return null;
  const origins = benchFiles.all;
  const shown = snapshot.budgets.flatMap(({ budget, code, also, bench }): readonly (Location | null)[] => [
    ...[code, bench, budget.location, ...also],
    ...budget.checks.map(({ location }) => location),
  ]);
  const baselines = [...beginning.folders.keys()].filter((folder) => folder === `${root}/${baselinesFolder}`);
  return beginning.end({
    files: [
      configFile,
      `${root}/${recordsFile}`,
      ...baselines.flatMap((folder) => beginning.folders.get(folder)?.names.map((name) => `${folder}/${name}`) ?? []),
      ...origins.flatMap((origin) => [...origin.inputs]),
      ...Array.from(bundler.beside.borrowed, slashed),
      ...shown.flatMap((location) => (location === null ? [] : location.file)),
      ...config.budgets.flatMap(({ code }) => (code === null ? [] : slashed(path.resolve(root, code.file)))),
    ],
    packages: Array.from(bundler.outside, slashed),
    variables: bundler.beside.variables,
    git,
  });
}

/** Whether every budget is decided and nothing is wrong. */
const isWhole = (report: Report, snapshot: Snapshot, { budgets }: Config): boolean =>
  report.budgets.length === budgets.length &&
  report.budgets.every(({ verdict }) => verdict !== 'undecided' && verdict !== 'error') &&
  snapshot.problems.length === 0;

/** Whether a pattern can find files outside the folder, where a new one would not be seen. */
const leavesFolder = ({ benchmarks }: Config): boolean =>
  benchmarks
    .flatMap((source) => [...source.watch, ...(source.kind === 'command' ? [] : [source.files])])
    .some((pattern) => pattern.includes('..') || path.isAbsolute(pattern));

function foldersAbove(folder: string): readonly string[] {
  const above = path.posix.dirname(folder);
  return above === folder ? [folder] : [folder, ...foldersAbove(above)];
}
