import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { BudgetResult } from '../../core/results/measurement.js';
import { baselineSchema, budgetResultSchema, intervalSchema, timeSchema } from '../../core/results/kept.js';
import { err, ok, type Result } from '../../core/result.js';
import { Git } from '../git/repository.js';
import { History, type KeptRow } from './history.js';
import { GitError } from '../git/process.js';
import { readJson } from './rows.js';
import { Notes, type NoteLines } from '../git/notes.js';

export interface Shared {
  /** Runs that were new to the notes (`written`) and to this history (`read`). */
  readonly written: number;
  readonly read: number;
  /** Runs that are too old for a history to keep. */
  readonly old: number;
  /** Lines of the notes that are no runs. They stay where they are. */
  readonly unreadable: number;
}

export interface ShareOptions {
  /** The remote's name in git; with null, nothing leaves this repository. */
  readonly remote: string | null;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** The folder of a `perf-budget.jsonc`, and the names of its budgets. */
export interface Sharing {
  readonly root: string;
  readonly budgets: readonly string[];
}

/** A history keeps no more runs of a budget. */
const mostRows = 10_000;

/**
 * Shares the runs of clean commits through git notes: writes what this machine measured, exchanges the notes with a remote
 * if one is named, and adds what others measured to the history. The error is one sentence.
 */
export async function share(projects: readonly Sharing[], options: ShareOptions): Promise<Result<Shared, string>> {
  let all: Shared = { written: 0, read: 0, old: 0, unreadable: 0 };
  const groups = new Map<string, Sharing[]>();
  for (const project of projects) {
    const git = await Git.open(project.root);
    if (!git.ok) return err(git.error.message);
    groups.set(git.value.root, [...(groups.get(git.value.root) ?? []), project]);
    git.value.dispose();
  }
  for (const [repository, members] of groups) {
    const shared = await shareOne(repository, members, options);
    if (!shared.ok) return shared;
    const { written, read, old, unreadable } = shared.value;
    all = {
      written: all.written + written,
      read: all.read + read,
      old: all.old + old,
      unreadable: all.unreadable + unreadable,
    };
  }
  return ok(all);
}

async function shareOne(
  repository: string,
  projects: readonly Sharing[],
  { remote, now, signal }: ShareOptions,
): Promise<Result<Shared, string>> {
  const notes = new Notes(repository);
  const histories = await Promise.all(
    projects.map(async (each) => ({ ...each, history: await History.open(each.root) })),
  );
  const stop = (): void => notes.dispose();
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    const unwritable = histories.find(({ history }) => !history.isPersistent);
    if (unwritable !== undefined) return err(unwritable.history.warning ?? 'The history cannot be written.');
    const own = histories.map(({ root, budgets, history }) => {
      const folder = root.slice(repository.length + 1);
      return { folder, history, rows: budgets.flatMap((name) => history.ownRows(name, mostRows)) };
    });
    const before = await notes.read();
    const known = new Set(readAll(before).runs.map(identityOf));
    const lines = new Map<string, string[]>();
    for (const { folder, rows } of own) {
      for (const row of rows) {
        if (row.commit === null || row.dirty || row.result.verdict === 'error') continue;
        if (known.has(identityOf({ folder, row }))) continue;
        lines.set(row.commit, [...(lines.get(row.commit) ?? []), lineOf(folder, row)]);
      }
    }
    const written = await notes.add(lines, now);
    signal.throwIfAborted();
    if (!written.ok) return written;
    if (remote !== null) {
      const exchanged = await notes.exchange(remote);
      signal.throwIfAborted();
      if (!exchanged.ok) return exchanged;
    }
    const { runs, unreadable } = readAll(await notes.read());
    let [read, old] = [0, 0];
    for (const { folder, history, rows } of own) {
      const mine = new Set(rows.map((row) => identityOf({ folder, row })));
      const others = runs.filter((run) => run.folder === folder && !mine.has(identityOf(run)));
      const kept = history.addOthers(
        others.map(({ row }) => row),
        now,
      );
      if (!kept.ok) return kept;
      read += kept.value.added;
      old += kept.value.old;
    }
    return ok({ written: written.value, read, old, unreadable });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof GitError) return err(`${error.message}.`);
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
    for (const { history } of histories) history.close();
    notes.dispose();
  }
}

/** A run to share, with the folder of its `perf-budget.jsonc` in the repository (`''` for the top level). */
interface SharedRun {
  readonly folder: string;
  readonly row: KeptRow;
}

const version = 1;
/** A longer line is no run of ours. */
const longestLine = 1_000_000;
const schema = v.object({
  v: v.literal(version),
  folder: v.string(),
  budget: v.string(),
  at: timeSchema,
  machine: v.nullable(v.string()),
  baseline: v.nullable(baselineSchema),
  time: v.nullable(intervalSchema),
  result: v.pick(budgetResultSchema, [
    ...(['benchmark', 'verdict', 'severity', 'elapsedMs', 'samples', 'comparison'] as const),
    ...(['message', 'note', 'checks', 'parts'] as const),
  ]),
});

/** Returns a run as a line of a note, one character per byte. The same run gives the same line on every machine. */
function lineOf(folder: string, { at, machine, baseline, time, result }: KeptRow): string {
  const {
    name: budget,
    benchmark,
    verdict,
    severity,
    elapsedMs,
    samples,
    comparison,
    message,
    note,
    checks,
    parts,
  } = result;
  const kept = { benchmark, verdict, severity, elapsedMs, samples, comparison, message, note, checks, parts };
  const line = JSON.stringify({ v: version, folder, budget, at, machine, baseline, time, result: kept });
  return Buffer.from(line).toString('latin1');
}

/** Identifies a run, whichever version of Perf Budget wrote its line. */
const identityOf = ({ folder, row: { at, commit, machine, result } }: SharedRun): string =>
  JSON.stringify([folder, result.name, at, commit, machine]);

function readAll(notes: NoteLines): { readonly runs: readonly SharedRun[]; readonly unreadable: number } {
  const runs: SharedRun[] = [];
  let unreadable = 0;
  for (const [commit, lines] of notes) {
    for (const line of lines) {
      const run = runOf(commit, Buffer.from(line, 'latin1').toString());
      if (run === null) unreadable += 1;
      else runs.push(run);
    }
  }
  return { runs, unreadable };
}

function runOf(commit: string, line: string): SharedRun | null {
  const read = line.length > longestLine ? null : readJson(schema, line);
  if (read === null || read.result.verdict === 'error') return null;
  const { folder, budget, at, machine, baseline, time, result } = read;
  const known: BudgetResult = { ...result, name: budget, cached: false };
  const row = { key: '', at, commit, dirty: false, machine, baseline, time, result: known };
  const hash = createHash('sha256').update(identityOf({ folder, row })).digest('hex');
  return { folder, row: { ...row, key: `shared:${hash}` } };
}
