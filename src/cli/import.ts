import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { readPast } from '../core/readers/past.js';
import { counts } from '../core/wording.js';
import { History, type Added } from '../engine/history.js';
import { judgeImport } from '../engine/import.js';
import type { Project } from '../engine/snapshot.js';
import { exitCodes, gravest } from './exit-codes.js';
import { UsageError, type GlobalOptions, type ImportOptions } from './options.js';
import { withProjects } from './projects.js';
import { print, say, whyNot } from './terminal.js';

/** Names that are shown of what no budget is about. */
const mostNames = 10;

/** Keeps what other tools wrote as runs of the budgets that are about it; runs nothing. Returns the exit code. */
export async function importFiles(
  options: GlobalOptions,
  files: readonly string[],
  { format, at }: ImportOptions,
): Promise<number> {
  return withProjects(options, false, async (projects) => {
    const codes: number[] = [];
    for (const file of files) {
      const name = file === '-' ? 'standard input' : file;
      const found = await readWhole(options.directory, file);
      options.signal.throwIfAborted();
      const pasts = readPast(format, found.text);
      if (!pasts.ok) {
        say(`perf-budget: ${name}: ${pasts.error}`);
        codes.push(exitCodes.configuration);
        continue;
      }
      const otherwise = { at: at ?? found.at, isGiven: at !== null };
      const all: Added[] = [];
      const missed: ReadonlySet<string>[] = [];
      for (const project of projects) {
        const { config } = project.snapshot;
        if (config === null) continue;
        const { rows, unmatched } = judgeImport(config, format, pasts.value, otherwise);
        missed.push(unmatched);
        if (rows.length > 0) all.push(await keep(project, rows));
      }
      const sum = (key: keyof Added): number => all.reduce((total, one) => total + one[key], 0);
      const [added, known, old] = [sum('added'), sum('known'), sum('old')];
      const parts = [
        `${counts(added, 'run')} added`,
        ...(known > 0 ? [`${counts(known, 'run')} known already`] : []),
        ...(old > 0 ? [`${counts(old, 'run')} older than a year and not kept`] : []),
      ];
      await print([`${name}: ${parts.join(', ')}.`]);
      // Of several configurations one is enough that knows it.
      const strange = [...(missed[0] ?? [])].filter((one) => missed.every((other) => other.has(one)));
      if (strange.length > 0) say(`${name}: no budget is about ${listed(strange)}.`);
      if (added + known + old === 0) codes.push(exitCodes.configuration);
    }
    return gravest(codes);
  });
}

async function keep({ root }: Project, rows: Parameters<History['addOthers']>[0]): Promise<Added> {
  const history = await History.open(root);
  try {
    const added = history.addOthers(rows, Date.now());
    if (!added.ok) throw new UsageError(`Nothing is imported: ${added.error}`);
    return added.value;
  } finally {
    history.close();
  }
}

async function readWhole(directory: string, file: string): Promise<{ readonly text: string; readonly at: number }> {
  if (file === '-') return { text: await textOf(process.stdin), at: Date.now() };
  const target = path.resolve(directory, file);
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(target, 'utf8'), stat(target)]);
    return { text, at: Math.round(mtimeMs) };
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${whyNot(error)}.`);
  }
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNames).join(', ');
  return names.length > mostNames ? `${shown} and ${names.length - mostNames} more` : shown;
}
