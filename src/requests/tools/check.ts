import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { closest } from '../../core/language/spelling.js';
import { Git } from '../../engine/git/repository.js';
import { isWithin, slashed } from '../../engine/util/paths.js';
import { measureAll } from '../measure/measure-all.js';
import { checkDocument } from '../report/document.js';
import { exitCodeOf } from '../report/exit-code.js';
import { exitCodes } from '../report/exit-codes.js';
import { shownPath } from '../report/project-check.js';
import { noBudgets, terminalReport } from '../report/terminal-report.js';
import { requireBaseline } from '../selection/revisions.js';
import { selectBudgets } from '../selection/selection.js';
import { UsageError } from '../selection/usage-error.js';
import { answerOf, cancelled, plain, textOf, textsOf, type Answer, type Call } from './tool.js';
import type { Project } from '../../engine/project/snapshot.js';

/** Measures, compares and judges, as `check` does. */
export async function check(call: Call, projects: readonly Project[]): Promise<Answer> {
  const startedAt = performance.now();
  const { host, signal } = call;
  const { directory } = host;
  const patterns = textsOf(call, 'budgets');
  const against = textOf(call, 'against');
  const files = await Promise.all(textsOf(call, 'files').map((file) => changedFile(call, projects, file)));
  const selected = await selectBudgets(projects, { patterns, tags: [], shard: null });
  const asked = projects.filter((project) => patterns.length === 0 || (selected.get(project) ?? []).length > 0);
  if (against !== null) for (const project of asked) await requireBaseline(project, against, 'against');
  const checked = await measureAll(asked, { ...call, directory }, (project) => ({
    ...(patterns.length > 0 && { budgets: selected.get(project) ?? [] }),
    ...(files.length > 0 && { files }),
    ...(against !== null && { against }),
  }));
  if (signal.aborted) return cancelled;
  const document = checkDocument(directory, checked, null, startedAt);
  const lines = terminalReport(document, { paint: plain, strict: false, nothing: noBudgets(checked) });
  return answerOf(lines, document, exitCodeOf(document, false) === exitCodes.configuration);
}

/**
 * Returns the absolute path of a file as its project spells it, also of one that was deleted. Throws `UsageError`, with the name that
 * was meant, if there is none, or if it is nothing of this host's.
 */
async function changedFile({ host }: Call, projects: readonly Project[], file: string): Promise<string> {
  const { directory } = host;
  const served = [...projects.map(({ root }) => root), ...(await host.folders(null))];
  const real = await realOrGone(path.resolve(directory, file));
  const all = await Promise.all(served.map(async (folder) => [folder, await realOrGone(folder)] as const));
  const [spelled, own] = all.find(([, one]) => isWithin(one, real)) ?? [];
  if (spelled === undefined || own === undefined) {
    throw new UsageError(`"${file}" is outside of the folders that are served: ${[...new Set(served)].join(', ')}.`);
  }
  const whole = path.join(spelled, path.relative(own, real));
  const found = await stat(whole).catch(() => null);
  if (found?.isFile() === true || (found === null && (await wasThere(spelled, projects, slashed(whole)))))
    return slashed(whole);
  if (found !== null) throw new UsageError(`${file} is not a file. Name the files that changed.`);
  const folder = path.dirname(whole);
  const names = await readdir(folder).catch(() => null);
  if (names === null) throw new UsageError(`There is no folder ${shownPath(directory, folder)} in ${directory}.`);
  const near = closest(path.basename(whole), names);
  const fix = near === null ? '' : ` Did you mean "${shownPath(directory, path.join(folder, near))}"?`;
  throw new UsageError(`There is no file "${file}" in ${directory}.${fix}`);
}

/** Returns a path without links, as far as it is there. */
async function realOrGone(file: string): Promise<string> {
  const real = await realpath(file).catch(() => null);
  const folder = path.dirname(file);
  if (real !== null || folder === file) return real ?? file;
  return path.join(await realOrGone(folder), path.basename(file));
}

/** Whether a file that is gone is in the last commit, or a benchmark is known to reach it. */
async function wasThere(folder: string, projects: readonly Project[], file: string): Promise<boolean> {
  for (const project of projects) if ((await project.reaching(file, null)).length > 0) return true;
  const git = await Git.open(folder);
  if (!git.ok) return false;
  try {
    const [head, relative] = [await git.value.head(), git.value.relative(file)];
    return head !== null && relative !== null && (await git.value.has(head.commit, relative));
  } finally {
    git.value.dispose();
  }
}
