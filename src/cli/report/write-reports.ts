import * as l10n from '@vscode/l10n';
import { appendFile, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { version } from '../../../package.json';
import type { CheckDocument } from '../../core/formats/reporters/document.js';
import { githubReport } from '../../core/formats/reporters/github.js';
import { junitReport } from '../../core/formats/reporters/junit.js';
import { longestSummary, markdownReport } from '../../core/formats/reporters/pull-request.js';
import { sarifReport } from '../../core/formats/reporters/sarif.js';
import { unreachable } from '../../core/result.js';
import { seenFrom } from '../../requests/report/document.js';
import { exitCodes, gravest } from '../../requests/report/exit-codes.js';
import { documentText } from './json.js';
import { UsageError } from '../../requests/selection/usage-error.js';
import type { Reporter, ReporterName, ReportOptions } from '../input/options.js';
import { terminalReport } from '../../requests/report/terminal-report.js';
import { paint, type Paint } from '../../requests/lines/paint.js';
import {
  columnsOfOutput,
  linesText,
  outputFailure,
  print,
  printDocument,
  printError,
  whyNot,
} from '../terminal/terminal.js';
import { writeWhole } from '../terminal/write-whole.js';

export interface ReportContext extends ReportOptions {
  readonly directory: string;
  readonly document: CheckDocument;
  /** The last line if no budget was judged. */
  readonly nothing: string;
  /** Returns the page, which needs the history. */
  readonly html: () => Promise<string>;
}

/** Makes the folders of the reports. Throws `UsageError`, before anything is measured, if one cannot be made. */
export async function makeFolders(directory: string, reporters: readonly Reporter[]): Promise<void> {
  for (const reporter of reporters) {
    if (reporter.to === null) continue;
    const folder = path.dirname(path.resolve(directory, reporter.to));
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw new UsageError(l10n.t`${optionOf(reporter)}: its folder cannot be created: ${whyNot(error)}.`);
    }
  }
}

/**
 * Writes every requested report. Also writes to the terminal if no other report goes to standard output, and on GitHub Actions
 * writes annotations and the summary of the run. If a report cannot be written, prints why, still writes the others, and returns
 * the exit code for that.
 */
export async function writeReports(context: ReportContext): Promise<number> {
  const { reporters, document, directory, strict } = context;
  const { GITHUB_ACTIONS: onGithub, GITHUB_STEP_SUMMARY: summary } = process.env;
  const toOutput = reporters.find(({ to }) => to === null) ?? { name: 'terminal', to: null };
  if (toOutput.name === 'terminal') await print(linesOf(context, paint, columnsOfOutput()));
  else await printDocument(await textOf(toOutput.name, context));
  // If standard output failed, show at least the summary.
  if (outputFailure() !== null)
    printError(terminalReport(document, { paint: plain, strict, nothing: context.nothing }).at(-1) ?? '');
  if (onGithub === 'true' && !reporters.some(({ name }) => name === 'github')) {
    const annotations = githubReport(inRepository(directory, document), strict);
    // The runner reads both streams, and annotations would break a document on standard output.
    if (toOutput.name === 'terminal') await printDocument(annotations);
    else await printDocument(annotations, process.stderr);
  }
  const codes: number[] = [];
  for (const reporter of reporters) {
    if (reporter.to === null) continue;
    const text = await textOf(reporter.name, context);
    const written = await writeWhole(path.resolve(directory, reporter.to), text);
    if (written.ok) continue;
    printError(l10n.t`perf-budget: ${optionOf(reporter)} cannot be written: ${written.error}.`);
    codes.push(exitCodes.configuration);
  }
  if (summary !== undefined && summary !== '') {
    await addSummary(summary, document, strict);
  }
  return gravest(codes);
}

/** Adds the report to the summary of a step, as long as it is not full: GitHub shows nothing of one that is too long. */
async function addSummary(file: string, document: CheckDocument, strict: boolean): Promise<void> {
  const before = await stat(file).catch(() => null);
  const room = longestSummary - (before?.size ?? 0);
  const text = markdownReport(document, strict, room);
  const failed = (why: string): void =>
    printError(l10n.t`perf-budget: the summary of this run cannot be written: ${why}`);
  if (Buffer.byteLength(text) > room) return failed(l10n.t('it is full.'));
  await appendFile(file, text).catch((error: unknown) => failed(String(error)));
}

const linesOf = ({ document, strict, nothing }: ReportContext, colors: Paint, width: number): readonly string[] =>
  terminalReport(document, { paint: colors, strict, nothing, width });

async function textOf(name: ReporterName, context: ReportContext): Promise<string> {
  const { document, directory, strict } = context;
  switch (name) {
    case 'terminal':
      // A file has no width.
      return linesText(linesOf(context, plain, Infinity));
    case 'json':
      return documentText(document);
    case 'junit':
      return junitReport(document, strict);
    case 'sarif':
      return sarifReport(inRepository(directory, document), strict, version);
    case 'github':
      return githubReport(inRepository(directory, document), strict);
    case 'markdown':
      return markdownReport(document, strict);
    case 'html':
      return context.html();
    default:
      return unreachable(name);
  }
}

const plain: Paint = (_, text) => text;

/** Returns the document with paths relative to the root of the repository, as GitHub needs them to annotate code. */
function inRepository(directory: string, document: CheckDocument): CheckDocument {
  const root = process.env['GITHUB_WORKSPACE'];
  if (root === undefined || root === '' || path.relative(root, directory).startsWith('..')) return document;
  return seenFrom(root, directory, document);
}

/** Returns the option as the user wrote it. */
const optionOf = ({ name, to }: Reporter): string =>
  name === 'json' ? `--json ${String(to)}` : `--reporter ${name}=${String(to)}`;
