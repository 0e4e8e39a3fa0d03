import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { check, expectHealthy, harmless } from './healthy.js';
import type { Place } from './place.js';
import { killAll, waitForEnd } from './processes.js';

const configFile = 'perf-budget.jsonc';

/** What is compared with afterwards. */
export interface Before {
  readonly config: Buffer;
}

export const before = (place: Place): Before => ({ config: readFileSync(path.join(place.root, configFile)) });

/** How long a process may take to notice that nobody needs it. */
const endMs = 8000;

/** Fails the case where a process of it still runs. */
export async function expectNothingRuns(place: Place, when = 'afterwards'): Promise<void> {
  const left = await waitForEnd(place.mark, place.folder, endMs);
  for (const { pid, command } of left) place.fail(`${when}, process ${pid} still runs: ${command}`);
  killAll(left);
}

/** Fails the case where one of Perf Budget's databases is not whole. */
export function expectWholeDatabases(place: Place, folder = path.join(place.root, '.perf-budget')): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    if (name.includes('.broken')) place.fail(`${name} was left in .perf-budget`);
    if (!name.endsWith('.db')) continue;
    try {
      const db = new DatabaseSync(path.join(folder, name));
      const said = db
        .prepare('PRAGMA integrity_check')
        .all()
        .map((row) => String(row['integrity_check']));
      db.close();
      if (said.join() !== 'ok') place.fail(`${name} is not whole: ${said.slice(0, 3).join('; ')}`);
    } catch (error) {
      place.fail(`${name} cannot be opened: ${String(error)}`);
    }
  }
}

/** What must hold after every case; `more` are budgets that pass by now, besides those that nothing harms,
 * and `codes` those that the next check may end with. */
export async function expectAftermath(
  place: Place,
  { config }: Before,
  more: readonly string[] = [],
  codes: readonly number[] = [1],
): Promise<void> {
  await expectNothingRuns(place);
  expectWholeDatabases(place);
  if (!readFileSync(path.join(place.root, configFile)).equals(config)) place.fail(`${configFile} is not what it was`);

  const listed = await place.perfBudget(['capture', '--list']);
  place.expectEnd(listed, [0]);
  if (/cannot be read|not a captured baseline|damaged/.test(listed.stdout + listed.stderr))
    place.fail(`a baseline cannot be read: ${listed.stdout}${listed.stderr}`);

  const next = await check(place, [...harmless, ...more]);
  place.expectEnd(next, codes);
  expectHealthy(place, next, 'at the next check');
  for (const name of more) {
    const found = next.of(name);
    if (found?.verdict !== 'pass')
      place.fail(`at the next check, "${name}" is ${found?.verdict ?? 'missing'}, not pass: ${found?.message ?? ''}`);
  }
  await expectNothingRuns(place, 'after the next check');
  const left = readdirSync(place.tmp).filter((name) => name.includes('perf-budget'));
  if (left.length > 0) place.fail(`the next check left ${left.join(', ')} in the folder for temporary files`);
}
