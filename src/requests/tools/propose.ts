import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse, type ParseError } from 'jsonc-parser';
import { glob } from 'tinyglobby';
import { budgetText, proposeBudgets, type ProposedBudget } from '../../core/assist/propose.js';
import { proposedLimit } from '../../core/assist/propose-limit.js';
import { configFileName } from '../../core/config/file-names.js';
import { covers, means } from '../../core/config/mentions.js';
import { subjectText, type Budget } from '../../core/language/budget.js';
import { formatTime } from '../../core/language/figures.js';
import { closest } from '../../core/language/spelling.js';
import { ignores } from '../../engine/discovery/nested.js';
import { Git } from '../../engine/git/repository.js';
import { openBenchRunner, type OpenBenchRunner } from '../../engine/project/bench-runner.js';
import { proposeConfig, type InitOptions, type Proposal } from '../../engine/project/init.js';
import type { Project } from '../../engine/project/snapshot.js';
import { disposeAll } from '../../engine/util/dispose.js';
import { isWithin, slashed } from '../../engine/util/paths.js';
import { shownPath } from '../report/project-check.js';
import { NoConfigError, UsageError } from '../selection/usage-error.js';
import { answerOf, cancelled, problemLines, problemsIn, textOf, type Answer, type Call } from './tool.js';

/** What is proposed for one `perf-budget.jsonc`. */
interface Part {
  readonly lines: readonly string[];
  /** Text for the file; empty if nothing is proposed. */
  readonly text: string;
  readonly budgets: readonly { readonly name: string; readonly benchmark: string; readonly limit?: string }[];
}

/** Proposes entries for benchmarks without a budget, a limit for a budget that was measured, or a whole file. Writes nothing. */
export async function propose(call: Call): Promise<Answer> {
  const { host, signal } = call;
  const folder = textOf(call, 'folder');
  const wanted = textOf(call, 'benchmark');
  const parts = await host
    .withProjects({ folder, runs: false, signal }, async (projects) => {
      const known = wanted === null ? [] : await limits(call, projects, wanted);
      if (known.length > 0) return known;
      const found: Part[] = [];
      const names: string[] = [];
      for (const project of projects) found.push(...(await entries(call, project, wanted, names)));
      if (found.length > 0 || wanted === null) return found;
      const near = closest(wanted, names);
      const fix = near === null ? '' : ` Did you mean "${near}"?`;
      throw new UsageError(`No benchmark or budget is called "${wanted}".${fix}`);
    })
    .catch(async (error: unknown) => {
      const folders = error instanceof NoConfigError ? await host.folders(folder) : null;
      if (folders === null) throw error;
      return Promise.all(folders.map((one) => wholeFile(call, one)));
    });
  if (signal.aborted) return cancelled;
  if (parts.length === 0) return answerOf(['Every benchmark that can have a budget has one.'], documentOf([]));
  return answerOf(
    parts.flatMap(({ lines }, index) => (index === 0 ? lines : ['', ...lines])),
    documentOf(parts),
  );
}

const documentOf = (parts: readonly Part[]): object => ({
  version: 1,
  budgets: parts.flatMap(({ budgets }) => budgets),
  text: parts.flatMap(({ text }) => (text === '' ? [] : [text])).join('\n'),
});

/** Proposes a limit for each budget with this name, or about the benchmark with this name. */
async function limits({ host }: Call, projects: readonly Project[], wanted: string): Promise<readonly Part[]> {
  const found = projects.flatMap((project) =>
    project.snapshot.budgets.flatMap(({ budget }) =>
      budget.name === wanted || subjectText(budget) === wanted ? [{ project, budget }] : [],
    ),
  );
  return Promise.all(found.map(({ project, budget }) => limitOf(host.directory, project, budget)));
}

async function limitOf(directory: string, project: Project, budget: Budget): Promise<Part> {
  const rows = await project.history(budget.name, 20, true);
  const times = rows.flatMap(({ time, result: { verdict } }) => (time === null || verdict === 'fail' ? [] : [time]));
  const limit = proposedLimit(times);
  const { name } = budget;
  if (limit === null) {
    const why =
      rows.length === 0
        ? `"${name}" has not been measured here. Call perf_budget_check first.`
        : rows.every(({ time }) => time === null)
          ? `"${name}" has no time of its own, as one about several benchmarks has none, so no limit is proposed.`
          : `"${name}" has only failed here, so no limit is proposed.`;
    return { lines: [why], text: '', budgets: [] };
  }
  const [low, high] = [Math.min(...times.map((one) => one.low)), Math.max(...times.map((one) => one.high))];
  const { file, start } = budget.location;
  return {
    lines: [
      `${name} took ${formatTime(low, { low, high })} to ${formatTime(high, { low, high })} in ${times.length === 1 ? 'its last run' : `its last ${times.length} runs`} on this machine that did not fail.`,
      `A limit with a quarter to spare, for "limit" of its entry in ${shownPath(directory, file)}:${start.line}:`,
      `  ${JSON.stringify(limit)}`,
    ],
    text: JSON.stringify(limit),
    budgets: [{ name, benchmark: subjectText(budget), limit }],
  };
}

/** Proposes entries for the benchmarks of a project that have no budget. Adds the names of all benchmarks to `names`. */
async function entries(call: Call, project: Project, wanted: string | null, names: string[]): Promise<readonly Part[]> {
  const { root, snapshot } = project;
  const { config } = snapshot;
  const where = shownPath(call.host.directory, `${root}/${configFileName}`);
  // What a text that is no JSON has budgets for is not known.
  if (config === null || !(await isJson(`${root}/${configFileName}`))) {
    const wrong = problemsIn(call.host.directory, [project]).filter(({ file }) => file === where);
    throw new UsageError([`${where} cannot be read.`, ...problemLines(wrong)].join('\n'));
  }
  const { benchmarks, defaults } = config;
  const patterns = benchmarks.flatMap((source) => (source.kind === 'command' ? [] : [source.files]));
  const files = (await glob(patterns, { cwd: root, absolute: true, ignore: [...defaults.ignore] })).map(slashed);
  const has = covers(config.budgets);
  // What is ignored, and what another file governs.
  const leavesOut = (file: string): boolean =>
    !files.includes(file) && (ignores(root, config, file) || isNested(root, file));
  const proposal = await proposalFor(call, root, [root, ...files], { leavesOut, isCovered: has }).catch(
    (error: unknown) => {
      if (error instanceof UsageError) return error.message;
      throw error;
    },
  );
  if (proposal === null) return [];
  // It costs the other projects nothing.
  if (typeof proposal === 'string') return [{ lines: [proposal], text: '', budgets: [] }];
  const all = proposal.budgets.flatMap(({ candidates }) => candidates);
  names.push(...all.map(({ name }) => name));
  const open = all.filter((one) => !has(one) && (wanted === null || means(wanted, one)));
  if (open.length === 0) return [];
  const budgets = proposeBudgets(
    open,
    all.filter((one) => !open.includes(one)),
  );
  const unlisted = [...new Set(open.map(({ file }) => file))].filter(
    (file) => !files.includes(slashed(`${root}/${file}`)),
  );
  return [partOf(where, budgets, proposal, unlisted)];
}

async function isJson(file: string): Promise<boolean> {
  const errors: ParseError[] = [];
  parse(await readFile(file, 'utf8'), errors, { allowTrailingComma: true });
  return errors.length === 0;
}

/** Whether a folder between a file and the root has a `perf-budget.jsonc` of its own. */
function isNested(root: string, file: string): boolean {
  for (let folder = path.posix.dirname(file); isWithin(root, folder) && folder !== slashed(root);) {
    if (existsSync(path.posix.join(folder, configFileName))) return true;
    folder = path.posix.dirname(folder);
  }
  return false;
}

function partOf(
  file: string,
  budgets: readonly ProposedBudget[],
  { notes }: Proposal,
  unlisted: readonly string[],
): Part {
  const text = budgets.flatMap(budgetText).join('\n');
  return {
    lines: [
      `For "budgets" in ${file}. Each fails if its time grows by more than 10% over the baseline, unless "defaults" says otherwise:`,
      text,
      ...(unlisted.length === 0
        ? []
        : [`"benchmarks" must also name ${unlisted.map((one) => JSON.stringify(one)).join(', ')}.`]),
      ...notes.map((note) => `${note}.`),
      'For a limit in figures, add the entry, call perf_budget_check, then perf_budget_propose with its name.',
    ],
    text,
    budgets: budgets.map(({ name, benchmark }) => ({ name, benchmark })),
  };
}

async function wholeFile(call: Call, folder: string): Promise<Part> {
  const proposal = await proposalFor(call, folder, []);
  if (proposal === null) return { lines: [], text: '', budgets: [] };
  const { text, budgets, notes } = proposal;
  const file = shownPath(call.host.directory, `${folder}/${configFileName}`);
  return {
    lines: [`There is no ${file} yet. Its text:`, text, ...notes.map((note) => `${note}.`)],
    text,
    budgets: budgets.map(({ name, benchmark }) => ({ name, benchmark })),
  };
}

/** Loads the bench files and calls their benchmarks once. Null after an abort; throws `UsageError` if there is nothing to propose. */
async function proposalFor(
  { host, signal, progress }: Call,
  root: string,
  only: readonly string[],
  but: Pick<InitOptions, 'leavesOut' | 'isCovered'> = {},
): Promise<Proposal | null> {
  const { log, workerPath, nodePath } = host.running;
  const opened = await Git.open(root);
  const git = opened.ok ? opened.value : null;
  let runner: OpenBenchRunner | null = null;
  try {
    runner = await openBenchRunner(root, { log, nodePath: nodePath(root), workerPath, signal });
    const proposed = await proposeConfig(root, {
      ...{ runner, git, only, signal, ...but },
      onProgress: (stage, done, total) =>
        stage === 'finding'
          ? progress.show(done, total, 'bench files', 'looking into')
          : progress.show(done, total, 'benchmarks', 'calling'),
    });
    if (proposed === null || signal.aborted) return null;
    if (!proposed.ok) throw new UsageError(proposed.error);
    return proposed.value;
  } finally {
    await disposeAll([() => git?.dispose(), () => runner?.dispose()]);
  }
}
