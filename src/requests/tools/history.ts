import type { Project } from '../../engine/project/snapshot.js';
import { historyJson, historyText, pastOf } from '../report/history-report.js';
import { requireBudgets } from '../selection/selection.js';
import { answerOf, plain, textOf, type Answer, type Call } from './tool.js';

const usualLimit = 20;

/** Reads the last runs of a budget, or the last run of each, as `history` does. */
export async function history(call: Call, projects: readonly Project[]): Promise<Answer> {
  const name = textOf(call, 'budget');
  if (name !== null) requireBudgets(projects, [name]);
  const { limit } = call.input;
  const most = typeof limit === 'number' ? limit : name === null ? 1 : usualLimit;
  const past = (await Promise.all(projects.map((project) => pastOf(project, name, most)))).flat();
  return answerOf(historyText(past, name === null, { paint: plain, width: Infinity }), historyJson(past));
}
