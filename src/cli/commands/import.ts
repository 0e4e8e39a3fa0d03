import * as l10n from '@vscode/l10n';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import type { ImportName } from '../../core/formats/readers/import-names.js';
import { readPast } from '../../core/formats/readers/past.js';
import type { ImportedRun } from '../../core/formats/readers/reader.js';
import { err, ok, type Result } from '../../core/result.js';
import { History, type Added } from '../../engine/history/history.js';
import { judgeImport } from '../../engine/history/import.js';
import type { Project } from '../../engine/project/snapshot.js';
import { exitCodes, gravest } from '../../requests/report/exit-codes.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { GlobalOptions, ImportOptions } from '../input/options.js';
import { readText } from '../input/read-text.js';
import { withProjects } from '../input/projects.js';
import { print, printError, whyNot } from '../terminal/terminal.js';
import { counts } from '../../core/text/words.js';

/** How many of the names that match no budget are shown. */
const mostNames = 10;

/** Adds other tools' results to the history, as runs of the budgets that match them; runs nothing. Returns the exit code. */
export async function importFiles(
  options: GlobalOptions,
  files: readonly string[],
  { format, at }: ImportOptions,
): Promise<number> {
  return withProjects(options, false, async (projects) => {
    const codes: number[] = [];
    for (const file of files) {
      const name = file === '-' ? l10n.t('standard input') : file;
      const found = await readRuns(options, file, format);
      options.signal.throwIfAborted();
      if (!found.ok) {
        printError(`perf-budget: ${name}: ${found.error}`);
        codes.push(exitCodes.configuration);
        continue;
      }
      const { pasts, writtenAt } = found.value;
      const otherwise = { at: at ?? writtenAt, isGiven: at !== null };
      const all: Added[] = [];
      const missed: ReadonlySet<string>[] = [];
      for (const project of projects) {
        const { config } = project.snapshot;
        if (config === null) continue;
        const { rows, unmatched } = judgeImport(config, format, pasts, otherwise);
        missed.push(unmatched);
        if (rows.length > 0) all.push(await keep(project, rows));
      }
      const sum = (key: keyof Added): number => all.reduce((total, one) => total + one[key], 0);
      const [added, known, old, unreadable] = [sum('added'), sum('known'), sum('old'), sum('unreadable')];
      const parts = [
        l10n.t`${counts(added, 'run')} added`,
        ...(known > 0 ? [l10n.t`${counts(known, 'run')} already known`] : []),
        ...(old > 0 ? [l10n.t`${counts(old, 'run')} older than a year and not kept`] : []),
        ...(unreadable > 0 ? [l10n.t`${counts(unreadable, 'run')} with figures that cannot be kept`] : []),
      ];
      await print([`${name}: ${parts.join(', ')}.`]);
      // It is enough if one of several configurations matches a name.
      const strange = [...(missed[0] ?? [])].filter((one) => missed.every((other) => other.has(one)));
      if (strange.length > 0) printError(l10n.t`${name}: no budget matches ${listed(strange)}.`);
      if (added + known + old === 0) codes.push(exitCodes.configuration);
    }
    return gravest(codes);
  });
}

async function keep({ root }: Project, rows: Parameters<History['addOthers']>[0]): Promise<Added> {
  const history = await History.open(root);
  try {
    const added = history.addOthers(rows, Date.now());
    if (!added.ok) throw new UsageError(l10n.t`Nothing was imported: ${added.error}`);
    return added.value;
  } finally {
    history.close();
  }
}

interface Found {
  readonly pasts: readonly ImportedRun[];
  /** Milliseconds since the epoch. */
  readonly writtenAt: number;
}

async function readRuns(options: GlobalOptions, file: string, format: ImportName): Promise<Result<Found, string>> {
  const { directory, signal } = options;
  try {
    const target = path.resolve(directory, file);
    const [text, { mtimeMs }] =
      file === '-'
        ? [await readText(process.stdin, signal), { mtimeMs: Date.now() }]
        : await Promise.all([readText(target, signal), stat(target)]);
    if (!text.ok) return text;
    const pasts = readPast(format, text.value);
    return pasts.ok ? ok({ pasts: pasts.value, writtenAt: Math.round(mtimeMs) }) : pasts;
  } catch (error) {
    return err(l10n.t`it cannot be read: ${whyNot(error)}.`);
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? l10n.t`${shown} and ${names.length - mostNames} more` : shown;
}
