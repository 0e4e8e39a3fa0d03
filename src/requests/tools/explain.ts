import type { Project } from '../../engine/project/snapshot.js';
import { explainAll, worthExplaining } from '../measure/explain-all.js';
import { explainDocument, explainText } from '../report/explain-report.js';
import { requireBaseline, requireRevision } from '../selection/revisions.js';
import { selectBudgets } from '../selection/selection.js';
import { answerOf, cancelled, isWrong, plain, textOf, textsOf, type Answer, type Call } from './tool.js';

const nothingToExplain = 'Nothing is broken and nothing differs: there is nothing to explain.';

/** Finds out which functions and lines made budgets slower or faster, as `explain` does. */
export async function explain(call: Call, projects: readonly Project[]): Promise<Answer> {
  const { directory } = call.host;
  const patterns = textsOf(call, 'budgets');
  const [from, to] = [textOf(call, 'from'), textOf(call, 'to')];
  const asked = { from, to, timeMs: null, retainers: false };
  const terms = { ...call, directory };
  const named = patterns.length === 0 ? null : await selectBudgets(projects, { patterns, tags: [], shard: null });
  for (const project of projects) {
    if (named?.get(project)?.length === 0) continue;
    if (from !== null) await requireBaseline(project, from, 'from');
    if (to !== null) await requireRevision(project, to, 'to');
  }
  const chosen = named ?? (await worthExplaining(projects, terms, asked));
  const found = await explainAll(projects, chosen, asked, terms);
  if (call.signal.aborted) return cancelled;
  const document = explainDocument(directory, found);
  const lines = explainText(document, { paint: plain, width: Infinity });
  if (document.budgets.length > 0) return answerOf(lines, document);
  if (document.problems.some(isWrong)) return answerOf(lines, document, true);
  return answerOf([nothingToExplain, ...(lines.length > 0 ? ['', ...lines] : [])], document);
}
