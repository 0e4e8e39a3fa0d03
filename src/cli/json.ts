import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Report, Verdict } from '../core/measurement.js';
import { allProblems, commonBaseline, elapsedMs, type Checked } from './checked.js';
import { UsageError } from './options.js';
import { print } from './terminal.js';

const mildestFirst: readonly Verdict[] = ['pass', 'warn', 'undecided', 'fail', 'error'];

/** One document for all projects; null where there was none to check. Paths are relative to the working directory. */
export function checkJson(directory: string, checked: readonly Checked[]): Report | null {
  const [first] = checked;
  if (first === undefined) return null;
  const reports = checked.map(({ report }) => report);
  const worst = Math.max(...reports.map(({ verdict }) => mildestFirst.indexOf(verdict)));
  return {
    version: 1,
    verdict: mildestFirst[worst] ?? 'pass',
    elapsedMs: elapsedMs(),
    baseline: commonBaseline(checked),
    machine: first.report.machine,
    budgets: reports.flatMap(({ budgets }) => budgets),
    problems: allProblems(directory, checked),
  };
}

/** Writes a document to a file, `-` for standard output; the file is there whole or not at all. */
export async function writeJson(directory: string, to: string, document: unknown): Promise<void> {
  const text = JSON.stringify(document, null, 2);
  if (to === '-') return print([text]);
  const file = path.resolve(directory, to);
  const unfinished = `${file}.${randomUUID().slice(0, 8)}`;
  try {
    await writeFile(unfinished, `${text}\n`);
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    // "ENOENT: no such file or directory, open '…'": the path is not the one that the user gave.
    const why = (error instanceof Error ? error.message : String(error)).replace(/, \w+ '.*$/s, '');
    throw new UsageError(`--json ${to} cannot be written: ${why}.`);
  }
}
