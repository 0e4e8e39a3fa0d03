import * as l10n from '@vscode/l10n';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { configFileName } from '../../core/config/file-names.js';
import { counts } from '../../core/text/words.js';
import { Git } from '../../engine/git/repository.js';
import { openBenchRunner, type OpenBenchRunner } from '../../engine/project/bench-runner.js';
import { proposeConfig, writeConfig, type Proposal } from '../../engine/project/init.js';
import { disposeAll } from '../../engine/util/dispose.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { GlobalOptions, InitOptions } from '../input/options.js';
import { nodePath } from '../input/node.js';
import { workerPath } from '../input/projects.js';
import { shownPath } from '../../requests/report/project-check.js';
import { exitCodes } from '../../requests/report/exit-codes.js';
import { Progress } from '../terminal/progress.js';
import { table } from '../../requests/lines/table.js';
import { paint } from '../../requests/lines/paint.js';
import { print, printDocument, printError, terminalLog } from '../terminal/terminal.js';
import { planCi, writeCi } from './init-ci.js';

/** How often a pipe gets a line about the progress. */
const lineEveryMs = 5000;

/** Finds benchmarks and writes a `perf-budget.jsonc`; with `ci`, also a workflow. Returns the exit code. */
export async function init(options: GlobalOptions, { files, ci, force, agents }: InitOptions): Promise<number> {
  if (agents) return printSkill(files);
  const { directory } = options;
  if (force && ci === null) throw new UsageError(l10n.t('--force works only with --ci github.'));
  // This throws before anything runs if the workflow may not be overwritten.
  const planned = ci === null ? null : await planCi(directory, force);
  const known = existsSync(path.join(directory, configFileName));
  const code = known && planned !== null ? exitCodes.ok : await propose(options, files);
  if (planned !== null && code === exitCodes.ok) {
    if (!known) await print(['']);
    await writeCi(directory, planned);
  }
  return code;
}

/** Prints the skill, which lies beside the program, for the user to put where their agent looks. */
async function printSkill(files: readonly string[]): Promise<number> {
  if (files.length > 0) throw new UsageError(l10n.t('--agents takes no files.'));
  const skill = new URL('../media/skills/perf-budget/SKILL.md', import.meta.url);
  await printDocument(await readFile(skill, 'utf8'));
  return exitCodes.ok;
}

async function propose(options: GlobalOptions, files: readonly string[]): Promise<number> {
  const { directory, signal, verbose } = options;
  if (existsSync(path.join(directory, configFileName))) {
    throw new UsageError(l10n.t`${path.join(directory, configFileName)} already exists, and init never overwrites it.`);
  }
  const only = files.map((file) => path.resolve(directory, file));
  const missing = files.find((_, index) => !existsSync(only[index] ?? ''));
  if (missing !== undefined) throw new UsageError(l10n.t`${missing} does not exist.`);
  const log = terminalLog(verbose);
  const opened = await Git.open(directory);
  const git = opened.ok ? opened.value : null;
  const progress = new Progress();
  let runner: OpenBenchRunner | null = null;
  try {
    runner = await openBenchRunner(directory, { log, nodePath: nodePath(options), workerPath, signal });
    const proposed = await proposeConfig(directory, { runner, git, only, signal, onProgress: shownBy(progress) });
    progress.hide();
    if (proposed === null) {
      printError(l10n.t('Interrupted: nothing was written.'));
      return exitCodes.interrupted;
    }
    if (!proposed.ok) throw new UsageError(proposed.error);
    const written = await writeConfig(directory, proposed.value);
    if (!written.ok) throw new UsageError(written.error);
    await print(report(shownPath(directory, written.value), proposed.value, await nextStep(git)));
    if (!signal.aborted) return exitCodes.ok;
    printError(l10n.t('Interrupted: the budgets cover only what was found so far.'));
    return exitCodes.interrupted;
  } finally {
    progress.hide();
    await disposeAll([() => git?.dispose(), () => runner?.dispose()]);
  }
}

/** Shows the progress as a bar or, where standard error is no terminal, as a line now and then. */
function shownBy(progress: Progress): (stage: 'finding' | 'trying', done: number, total: number) => void {
  const words = {
    finding: [l10n.t('looking into'), l10n.t('bench files')],
    trying: [l10n.t('calling'), l10n.t('benchmarks')],
  } as const;
  let reportedAt = Date.now();
  return (stage, done, total) => {
    const [doing, what] = words[stage];
    if (process.stderr.isTTY) return progress.show(done, total, what, doing);
    if (Date.now() - reportedAt < lineEveryMs && done < total) return;
    reportedAt = Date.now();
    printError(l10n.t`${doing} ${what}: ${done} of ${total}`);
  };
}

function report(file: string, { budgets, found, passedOver, notes }: Proposal, next: string): readonly string[] {
  const rows = budgets.map(({ name, candidates, code, seconds }) => ({
    cells: [
      name,
      candidates.length > 1 ? counts(candidates.length, 'benchmark') : '',
      code ?? '',
      seconds === null ? '' : `"time": "${seconds} s"`,
      paint('dim', candidates.every((one) => one.file === candidates[0]?.file) ? (candidates[0]?.file ?? '') : ''),
    ],
  }));
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}.`.replace(/([.?…!])\.$/, '$1')), ''];
  return [
    l10n.t`${counts(found.benchmarks, 'benchmark')} in ${counts(found.files, 'bench file')}:`,
    ...table(rows, ['left', 'left', 'left', 'left', 'left']).map((line) => `  ${line}`),
    '',
    ...section(l10n.t('Passed over:'), passedOver),
    ...section(l10n.t('Note:'), notes),
    l10n.t`${file} now has ${counts(budgets.length, 'budget')}. Each fails if its time grows by more than 10% over the baseline.`,
    next,
  ];
}

async function nextStep(git: Git | null): Promise<string> {
  if (git === null)
    return l10n.t(
      'Next, because there is no Git repository with old code: perf-budget capture --name start --reason "the start"',
    );
  return (await git.head()) === null
    ? l10n.t('Next: make a first commit, then perf-budget check')
    : l10n.t('Next: perf-budget check');
}
