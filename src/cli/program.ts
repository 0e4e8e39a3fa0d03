import * as l10n from '@vscode/l10n';
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { Command, CommanderError, Option } from 'commander';
import { version } from '../../package.json';
import { importNames, isImportName } from '../core/formats/readers/import-names.js';
import { isWriterName, writerNames } from '../core/formats/writers/names.js';
import { exitCodes } from '../requests/report/exit-codes.js';
import { settleColors } from '../engine/util/color-settings.js';
import { listenForInterrupt } from './terminal/interrupt.js';
import { terminalText } from '../requests/lines/paint.js';
import { printError } from './terminal/terminal.js';
import { commits, count, dated, duration, named, part, reporterOf, times } from './input/arguments.js';
import { reporterNames, type GlobalOptions, type Reporter } from './input/options.js';
import { UsageError } from '../requests/selection/usage-error.js';
import type { Shard } from '../core/ci/shard.js';

// Bundled separately, so that --help and mistakes in the arguments do not wait for the engine to load.
const commands = async () => (await import('./dispatch.js')).commands;

interface Flags {
  against?: string;
  budget?: string[];
  tag?: string[];
  changed?: string[];
  staged?: boolean;
  json?: string;
  time?: number;
  strict?: boolean;
  reporter?: Reporter[];
  shard?: Shard;
  repeatFailures?: number;
  causes?: boolean;
  from?: string;
  retainers?: boolean;
  profile?: string;
  html?: string;
  markdown?: string;
  ci?: 'github';
  force?: boolean;
  agents?: boolean;
  untrusted?: boolean;
  name?: string;
  reason?: string;
  auto?: boolean;
  list?: boolean;
  use?: string;
  delete?: string;
  replace?: boolean;
  by?: string;
  date?: string;
  limit?: number;
  backfill?: number;
  node?: string;
  share?: string | true;
  format?: string;
  output?: string;
  to?: string;
  good?: string;
  bad?: string;
}

/** Runs the command that the arguments name, and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  settleColors(process.env);
  const interrupt = listenForInterrupt();
  let code: number = exitCodes.ok;
  const program = build(args, interrupt.signal, (result) => (code = result));
  try {
    await program.parseAsync(args, { from: 'user' });
    return interrupt.exitCode ?? code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.configuration;
    if (error instanceof UsageError) {
      printError(`perf-budget: ${error.message}`);
      return exitCodes.configuration;
    }
    if (interrupt.exitCode !== null) {
      printError(l10n.t('Interrupted.'));
      return interrupt.exitCode;
    }
    // A bug of ours must not look like a failed budget.
    printError(error instanceof Error ? (error.stack ?? error.message) : String(error));
    return exitCodes.broken;
  } finally {
    interrupt.dispose();
  }
}

function build(args: readonly string[], signal: AbortSignal, ended: (code: number) => void): Command {
  const program = new Command('perf-budget')
    .description(l10n.t('Performance budgets next to the code: new code is measured against old.'))
    .version(version, '-V, --version', l10n.t('print the version'))
    .helpOption('-h, --help', l10n.t('print this help'))
    .helpCommand(false)
    .option('-C, --directory <folder>', l10n.t('run in this folder'))
    .option('--verbose', l10n.t('log each step to standard error'))
    .showHelpAfterError(l10n.t('Try perf-budget --help.'))
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .addHelpText('after', `\n${exitCodeHelp()}`)
    .configureOutput({ outputError: (text, write) => write(terminalText(text)) })
    .exitOverride();

  const global = (node: string | undefined): GlobalOptions => {
    const { directory, verbose } = program.opts<{ directory?: string; verbose?: boolean }>();
    const folder = path.resolve(directory ?? '.');
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw new UsageError(l10n.t`${folder} is not a folder.`);
    }
    return { directory: folder, verbose: verbose === true, node: node ?? null, signal };
  };
  const node = () =>
    new Option('--node <path>', l10n.t('the Node.js to measure with (default: the first on the PATH)'));
  const against = () =>
    new Option(
      '--against <rev|name>',
      l10n.t('compare with this revision or captured baseline; main... is the merge base with main'),
    );
  const time = () =>
    new Option('--time <duration>', l10n.t('the maximum time per benchmark, such as 4s')).argParser(duration);
  const reporter = () =>
    new Option(
      '--reporter <name[=file]>',
      l10n.t`${reporterNames.join(', ')}; repeatable, at most one without a file`,
    ).argParser(reporterOf);
  const json = (what: string) => new Option('--json <file>', l10n.t`write ${what} as JSON; - for standard output`);
  // The help lists every command, but only the one that the arguments name needs its options: making them all takes 2 ms.
  const command = (name: string, description: string): Command | null => {
    const made = program.command(name).description(description);
    return args.includes(name) ? made : null;
  };

  command('init', l10n.t('find benchmarks and write a perf-budget.jsonc'))
    ?.argument('[file...]', l10n.t('bench files or folders (default: all that import a benchmark library)'))
    .addOption(
      new Option('--ci <service>', l10n.t('write a workflow that checks every pull request')).choices(['github']),
    )
    .option('--force', l10n.t('overwrite an existing workflow'))
    .addOption(
      new Option('--agents', l10n.t('print a skill for coding agents; writes nothing')).conflicts([
        'ci',
        'force',
        'node',
      ]),
    )
    .addOption(node())
    .action(async (files: readonly string[], flags: Flags) => {
      const options = { files, ci: flags.ci ?? null, force: flags.force === true, agents: flags.agents === true };
      ended(await (await commands()).init(global(flags.node), options));
    });

  command('check', l10n.t('measure, compare and judge'))
    ?.argument('[budget...]', l10n.t('names of budgets, or patterns such as "parser/*" (default: all)'))
    .option('--budget <pattern...>', l10n.t('the same as naming them'))
    .option('--tag <name...>', l10n.t('only budgets that have one of these tags'))
    .addOption(against())
    .option('--changed <file...>', l10n.t('only budgets that these files can affect'))
    .option('--staged', l10n.t('only budgets that the staged files can affect'))
    .addOption(reporter())
    .addOption(json(l10n.t('the report')))
    .addOption(time())
    .option('--strict', l10n.t('fail what is undecided, not compared or has lost benchmarks'))
    .addOption(
      new Option(
        '--repeat-failures <times>',
        l10n.t('measure failed budgets again; they fail only if they fail every time'),
      ).argParser(times),
    )
    .option('--no-causes', l10n.t('do not look for what made broken budgets slower'))
    .addOption(
      new Option('--shard <i/n>', l10n.t('check only this part of the budgets; merge combines the parts')).argParser(
        part,
      ),
    )
    .addOption(node())
    .action(async (budgets: string[], flags: Flags) => {
      const options = {
        against: flags.against ?? null,
        tags: flags.tag ?? [],
        changed: flags.changed ?? null,
        staged: flags.staged === true,
        timeMs: flags.time ?? null,
        shard: flags.shard ?? null,
        repeatFailures: flags.repeatFailures ?? 0,
        causes: flags.causes !== false,
        ...reporting(flags),
      };
      ended(await (await commands()).check(global(flags.node), [...budgets, ...(flags.budget ?? [])], options));
    });

  command('explain', l10n.t('show which lines made the difference'))
    ?.argument('[budget...]', l10n.t('names or patterns (default: what is broken, else what differs; with --to, all)'))
    .option('--from <rev|name>', l10n.t('the old code: a revision or captured baseline (default: the baseline)'))
    .option('--to <rev>', l10n.t('the new code: a revision (default: the working tree)'))
    .addOption(time())
    .option('--retainers', l10n.t('find out what keeps memory that leaks; takes heap snapshots'))
    .option('--profile <folder>', l10n.t('write the profiles of both sides there as .cpuprofile files'))
    .addOption(json(l10n.t('the causes')))
    .addOption(node())
    .action(async (budgets: string[], flags: Flags) => {
      const { from = null, to = null, time: timeMs = null, profile = null, json: file = null } = flags;
      const options = { from, to, timeMs, retainers: flags.retainers === true, profile, json: file };
      ended(await (await commands()).explain(global(flags.node), budgets, options));
    });

  command('merge', l10n.t('combine the --json reports of several shards'))
    ?.argument('<file...>', l10n.t('the files that check --shard … --json wrote'))
    .addOption(reporter())
    .addOption(json(l10n.t('the report')))
    .option('--strict', l10n.t('fail what is undecided, not compared or has lost benchmarks'))
    .action(async (files: string[], flags: Flags) => {
      ended(await (await commands()).merge(global(undefined), files, reporting(flags)));
    });

  command('capture', l10n.t('make the current code and its figures the baseline'))
    ?.addOption(new Option('--name <name>', l10n.t('the name of the baseline, such as v3.0.0')).argParser(named))
    .option('--reason <text>', l10n.t('why these figures are accepted; required if a limit is broken'))
    .option('--replace', l10n.t('replace the captured baseline of that name'))
    .option('--auto', l10n.t('capture only if everything is within its limits; without --name, once a day (for CI)'))
    .addOption(
      new Option('--list', l10n.t('list the captured baselines; * marks the current one')).conflicts(measuring),
    )
    .addOption(
      new Option(
        '--use <name>',
        l10n.t('make this captured baseline the current one; none compares with git'),
      ).conflicts([...measuring, 'list']),
    )
    .addOption(
      new Option('--delete <name>', l10n.t('delete a captured baseline that is not the current one')).conflicts([
        ...measuring,
        'list',
        'use',
      ]),
    )
    .addOption(against())
    .addOption(time())
    .addOption(node())
    .action(async (flags: Flags) => {
      const { list, use, delete: unwanted, name = null, reason = '', auto = false, replace = false } = flags;
      if (unwanted !== undefined)
        return ended(await (await commands()).deleteBaseline(global(undefined), unwanted.trim()));
      if (list === true) return ended(await (await commands()).listBaselines(global(undefined)));
      if (use !== undefined) return ended(await (await commands()).switchBaseline(global(undefined), use.trim()));
      if (name === null && !auto) throw new UsageError(l10n.t('capture needs --name, such as --name v3.0.0.'));
      const options = { name, reason: reason.trim(), automatic: auto, replace, against: flags.against ?? null };
      ended(await (await commands()).capture(global(flags.node), { ...options, timeMs: flags.time ?? null }));
    });

  command('record', l10n.t('record a figure that was measured by hand'))
    ?.argument('<budget>', l10n.t('the name of the budget'))
    .argument('<value>', l10n.t('the figure, such as 0.8 or "0.8%/h"'))
    .option('--by <name>', l10n.t('who measured it (default: you)'))
    .addOption(new Option('--date <day>', l10n.t('when it was measured (default: today)')).argParser(dated))
    .action(async (budget: string, value: string, flags: Flags) => {
      const options = { by: flags.by ?? null, date: flags.date ?? null };
      ended(await (await commands()).record(global(undefined), budget, value, options));
    });

  command('history', l10n.t('show the figures over time'))
    ?.argument('[budget]', l10n.t('the name of a budget (default: the last run of each)'))
    .addOption(new Option('--limit <runs>', l10n.t('how many runs of a budget (default: 20)')).argParser(count))
    .addOption(json(l10n.t('the runs')))
    .addOption(new Option('--backfill <n>', l10n.t('first measure the last n commits from git')).argParser(commits))
    .addOption(
      new Option(
        '--share [remote]',
        l10n.t('write the runs of commits to git notes and read those from others; with a remote, sync with it'),
      ).conflicts(['limit', 'json', 'backfill']),
    )
    .addOption(time())
    .addOption(node())
    .action(async (budget: string | undefined, flags: Flags) => {
      const { share } = flags;
      if (share !== undefined) {
        if (budget !== undefined)
          throw new UsageError(l10n.t('--share shares the runs of every budget, so it takes no budget.'));
        return ended(await (await commands()).shareHistory(global(undefined), share === true ? null : share));
      }
      const { limit = null, json: file = null, time: timeMs = null } = flags;
      const backfill = flags.backfill === undefined ? null : { commits: flags.backfill, timeMs };
      if (backfill === null && (timeMs !== null || flags.node !== undefined)) {
        throw new UsageError(l10n.t('--time and --node work only with --backfill, such as --backfill 50.'));
      }
      const options = { limit, json: file, backfill };
      ended(await (await commands()).history(global(flags.node), budget ?? null, options));
    });

  command('bisect', l10n.t('find the commit that made a benchmark slower'))
    ?.argument('<budget>', l10n.t('the name of the budget'))
    .option('--good <rev|name>', l10n.t('a commit or captured baseline that is still fast (default: the baseline)'))
    .option('--bad <rev>', l10n.t('a later commit that is slow (default: HEAD)'))
    .addOption(json(l10n.t('what was found')))
    .addOption(time())
    .option('--strict', l10n.t('fail if it cannot be decided'))
    .addOption(node())
    .action(async (budget: string, flags: Flags) => {
      const { good = null, bad = null, json: file = null, time: timeMs = null, strict = false } = flags;
      ended(await (await commands()).bisect(global(flags.node), budget, { good, bad, json: file, timeMs, strict }));
    });

  command('report', l10n.t('write a report of every budget and its history'))
    ?.option('--html <file>', l10n.t('write a page with charts; - for standard output'))
    .option('--markdown <file>', l10n.t('write a summary; - for standard output'))
    .action(async (flags: Flags) => {
      const { html = null, markdown = null } = flags;
      if (html === null && markdown === null) {
        throw new UsageError(l10n.t('report needs --html or --markdown, such as --html perf-budget.html.'));
      }
      if (html === '-' && markdown === '-') throw new UsageError(onlyOne());
      ended(await (await commands()).report(global(undefined), { html, markdown }));
    });

  command('import', l10n.t("import other tools' results into the history"))
    ?.argument('<file...>', l10n.t('the file that the tool wrote; - for standard input'))
    .addOption(format(importNames))
    .addOption(new Option('--date <day>', l10n.t('when it was measured, if the file does not say')).argParser(dated))
    .action(async (files: string[], { format: name = '', date }: Flags) => {
      if (!isImportName(name)) throw new UsageError(unknownFormat(name, importNames));
      const at = date === undefined ? null : new Date(`${date}T12:00`).getTime();
      ended(await (await commands()).importFiles(global(undefined), files, { format: name, at }));
    });

  command('export', l10n.t('export the history for other tools'))
    ?.argument('[budget...]', l10n.t('names of budgets (default: all)'))
    .addOption(format(writerNames))
    .option('--output <file>', l10n.t('the file to write; - for standard output (the default)'))
    .option('--to <url>', l10n.t('send it to this OpenTelemetry endpoint (otlp only)'))
    .action(async (budgets: string[], { format: name = '', output, to }: Flags) => {
      if (!isWriterName(name)) throw new UsageError(unknownFormat(name, writerNames));
      if (to !== undefined && name !== 'otlp') throw new UsageError(l10n.t('--to works only with --format otlp.'));
      const options = { format: name, output: output ?? (to === undefined ? '-' : null), to: to ?? null };
      ended(await (await commands()).exportHistory(global(undefined), budgets, options));
    });

  command('mcp', l10n.t('serve the budgets to coding agents, over the Model Context Protocol'))
    ?.option('--untrusted', l10n.t('run nothing; only list and history answer'))
    .addOption(node())
    .action(async (flags: Flags) => {
      ended(await (await commands()).mcp(global(flags.node), { untrusted: flags.untrusted === true }));
    });

  return program;
}

const format = (names: readonly string[]): Option =>
  new Option('--format <name>', names.join(', ')).makeOptionMandatory();

const unknownFormat = (name: string, names: readonly string[]): string =>
  l10n.t`Unknown format "${name}". The formats are ${names.join(', ')}.`;

const onlyOne = (): string =>
  l10n.t('Only one report can go to standard output: give the others a file, such as --reporter junit=junit.xml.');

/** Returns the requested reports; `--json` is short for `--reporter json`. Throws if several go to standard output. */
function reporting({ reporter = [], json, strict = false }: Flags): {
  reporters: readonly Reporter[];
  strict: boolean;
} {
  const reporters = [...reporter];
  if (json !== undefined) reporters.push({ name: 'json', to: json === '-' ? null : json });
  if (reporters.filter(({ to }) => to === null).length > 1) throw new UsageError(onlyOne());
  return { reporters, strict };
}

const exitCodeHelp = (): string =>
  [
    l10n.t('Exit codes:'),
    `  0  ${l10n.t('all budgets pass or warn')}`,
    `  1  ${l10n.t('a budget failed')}`,
    `  2  ${l10n.t('the configuration or the command line is wrong')}`,
    `  3  ${l10n.t('a benchmark could not run')}`,
  ].join('\n');

/** The options of a capture that measures. */
const measuring = ['name', 'reason', 'auto', 'replace', 'against', 'time'];
