import { stat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { closest } from '../../core/language/spelling.js';
import { slashed } from '../../engine/util/paths.js';
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
  const files = await Promise.all(textsOf(call, 'files').map((file) => existing(directory, file)));
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

/** Returns the absolute path of a file that is there. Throws `UsageError`, with the name that was meant, if it is not. */
async function existing(directory: string, file: string): Promise<string> {
  const whole = path.resolve(directory, file);
  const found = await stat(whole).catch(() => null);
  if (found?.isFile() === true) return slashed(whole);
  if (found !== null) throw new UsageError(`${file} is not a file. Name the files that changed.`);
  const folder = path.dirname(whole);
  const names = await readdir(folder).catch(() => null);
  if (names === null) throw new UsageError(`There is no folder ${shownPath(directory, folder)} in ${directory}.`);
  const near = closest(path.basename(whole), names);
  const fix = near === null ? '' : ` Did you mean "${shownPath(directory, path.join(folder, near))}"?`;
  throw new UsageError(`There is no file "${file}" in ${directory}.${fix}`);
}
