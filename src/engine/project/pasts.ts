import { setImmediate } from 'node:timers/promises';
import { sparkRuns, type Spark } from '../../core/formats/reporters/overview.js';
import { pastOf, pastSpark, type Past } from '../../core/formats/reporters/past.js';
import type { Project } from './snapshot.js';

/** What a page shows of the history, chosen here: all runs would take long to send. */

export async function readPast(project: Pick<Project, 'history'>, budget: string, limit: number): Promise<Past> {
  const past = pastOf(await project.history(budget, limit), Date.now());
  // They are for a report that somebody reads days later.
  return { ...past, alerts: [] };
}

export async function readSparks(
  project: Pick<Project, 'history'>,
  budgets: readonly string[],
): Promise<readonly (Spark | null)[]> {
  const sparks: (Spark | null)[] = [];
  for (const budget of budgets) {
    sparks.push(pastSpark(await project.history(budget, sparkRuns)));
    // What else is asked of this thread comes in between.
    await setImmediate();
  }
  return sparks;
}
