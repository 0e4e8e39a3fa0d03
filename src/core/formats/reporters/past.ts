import * as l10n from '@vscode/l10n';
import { sparkOf, sparkRuns, type Spark } from './overview.js';
import { trendOf, type PastRun, type Trend } from './trend.js';

/** The part of a budget's history that a page shows. */
export interface Past {
  readonly count: number;
  /** One per machine, because figures of different machines cannot be compared. The page starts with the first. */
  readonly trends: readonly Trend[];
  /** The last runs, newest first. */
  readonly runs: readonly NamedRun[];
  /** The runs of the last week that warned, failed or had an error, newest first. */
  readonly alerts: readonly NamedRun[];
  /** The last two runs of the first trend that list the parts of a sum, newest first. */
  readonly sums: readonly PastRun[];
  /** The whole ids of the commits that charts abbreviate. */
  readonly commits: readonly string[];
}

export type NamedRun = PastRun & { readonly where: string };

export const noPast: Past = { count: 0, trends: [], runs: [], alerts: [], sums: [], commits: [] };

export const day = 24 * 60 * 60 * 1000;
const listedRuns = 20;

/** Selects what a page shows from a budget's runs. `now` is in milliseconds since the epoch. */
export function pastOf(newestFirst: readonly PastRun[], now: number): Past {
  const machines = byMachine(newestFirst);
  const names = new Map(machines.map(({ key, name }) => [key, name]));
  const named = (run: PastRun): NamedRun => ({ ...run, where: names.get(keyOf(run)) ?? '' });
  return {
    count: newestFirst.length,
    trends: machines.map(({ name, runs }) => trendOf(runs, name)),
    runs: newestFirst.slice(0, listedRuns).map(named),
    alerts: newestFirst.filter((run) => now - run.at <= 7 * day && isAlert(run)).map(named),
    sums: (machines[0]?.runs ?? []).filter(({ result }) => result.parts !== undefined).slice(0, 2),
    commits: [...new Set(newestFirst.flatMap(({ commit }) => commit ?? []))],
  };
}

/** Selects the last figures of a budget's runs, newest first, on the machine that a page starts with. */
export function pastSpark(newestFirst: readonly PastRun[]): Spark | null {
  const [first] = byMachine(newestFirst);
  return sparkOf(first && trendOf(first.runs.slice(0, sparkRuns), first.name));
}

const isAlert = ({ result: { verdict } }: PastRun): boolean => verdict !== 'pass' && verdict !== 'undecided';

const keyOf = ({ machine }: PastRun): string => machine ?? '';

interface OfMachine {
  readonly key: string;
  readonly name: string;
  readonly runs: readonly PastRun[];
}

/** Groups runs by machine: this machine first, then the one that ran last. */
function byMachine(newestFirst: readonly PastRun[]): readonly OfMachine[] {
  const groups = new Map<string, PastRun[]>();
  for (const run of newestFirst) {
    const key = keyOf(run);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [run]);
    else group.push(run);
  }
  const sorted = Array.from(groups, ([key, runs]) => ({ key, runs, isHere: runs.some(({ here }) => here) })).sort(
    (a, b) => Number(b.isHere) - Number(a.isHere),
  );
  return sorted.map(({ key, runs, isHere }, place) => ({ key, runs, name: nameOf(key, runs, isHere, place === 0) }));
}

function nameOf(key: string, [newest]: readonly PastRun[], isHere: boolean, isFirst: boolean): string {
  // This machine with another Node counts as another machine, and so does an old run without a machine.
  if (isHere && newest !== undefined) {
    return isFirst
      ? l10n.t('this machine')
      : l10n.t`this machine until ${new Date(newest.at).toISOString().slice(0, 10)}`;
  }
  if (key === '') return l10n.t('unknown machine');
  return key.startsWith('import:')
    ? l10n.t`${key.slice('import:'.length)}, imported`
    : l10n.t`machine ${key.slice(0, 7)}`;
}
