import { GitError } from '../../engine/git/process.js';
import { withRepair } from '../../engine/git/repair.js';
import type { Project } from '../../engine/project/snapshot.js';
import { TemporaryFolderError } from '../../engine/util/temporary.js';
import { UsageError } from '../selection/usage-error.js';
import { check } from './check.js';
import { definitionOf, readInput, toolNames, type ToolName } from './definitions.js';
import { explain } from './explain.js';
import { history } from './history.js';
import { list } from './list.js';
import { propose } from './propose.js';
import { answerOf, cancelled, failed, problemLines, problemsIn, textOf, type Answer, type Call } from './tool.js';

type Work = (call: Call, projects: readonly Project[]) => Promise<Answer>;

const works: Readonly<Record<Exclude<ToolName, 'perf_budget_propose'>, Work>> = {
  perf_budget_check: check,
  perf_budget_explain: explain,
  perf_budget_history: history,
  perf_budget_list: list,
};

/**
 * Calls a tool with what the caller gave. What they did wrong is an answer, too: a sentence that says what, where, and what to do
 * instead. Rejects only on a bug.
 */
export async function callTool(name: string, given: unknown, call: Omit<Call, 'input'>): Promise<Answer> {
  const definition = definitionOf(name);
  if (definition === undefined) return failed(`There is no tool "${name}". The tools are ${toolNames.join(', ')}.`);
  const read = readInput(definition, given);
  if (!read.ok) return failed(read.error);
  const { host, signal } = call;
  if (definition.runsCode && host.refusal !== null) return failed(host.refusal);
  const whole: Call = { ...call, input: read.value };
  try {
    if (definition.name === 'perf_budget_propose') return await propose(whole);
    const work = works[definition.name];
    const ask = { folder: textOf(whole, 'folder'), runs: definition.runsCode, signal };
    return await host.withProjects(ask, (projects) => answered(work, whole, projects));
  } catch (error) {
    if (signal.aborted) return cancelled;
    if (error instanceof UsageError || error instanceof TemporaryFolderError) return failed(error.message);
    if (error instanceof GitError) return failed(withRepair(error.message));
    throw error;
  } finally {
    call.progress.hide();
  }
}

/** Beside what the request got wrong, says what the configuration has wrong, which may be why. */
async function answered(work: Work, call: Call, projects: readonly Project[]): Promise<Answer> {
  try {
    return await work(call, projects);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return answerOf([error.message, ...problemLines(problemsIn(call.host.directory, projects))], null, true);
  }
}
