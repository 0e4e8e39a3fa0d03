import * as l10n from '@vscode/l10n';
import path from 'node:path';
import { placeText, worstOf, type BudgetEntry, type ProblemEntry } from '../../core/formats/reporters/document.js';
import type { Cause, Explanation } from '../../core/results/causes.js';
import { unknownMachine } from '../../core/results/measurement.js';
import {
  causeDetails,
  causeFigure,
  causeFunction,
  causeReasons,
  gainOf,
  shareWithInterval,
  sourceLines,
} from '../../core/text/cause.js';
import { nothingText, sidesText, unexplainedText } from '../../core/text/explanation.js';
import { headline, marks } from '../../core/text/title.js';
import type { Explained } from '../../engine/explain/request.js';
import type { Paint } from '../lines/paint.js';
import { table, wrapped } from '../lines/table.js';
import { checkDocument, movedCause } from './document.js';
import { problemsOf, shownPath, type ProjectCheck } from './project-check.js';
import { colors } from './terminal-report.js';

/** What was found out about the budgets of one project. */
export interface ProjectExplained extends Pick<ProjectCheck, 'root' | 'snapshot'> {
  readonly explained: readonly Explained[];
  /** The budgets that could not be explained, and why, in a sentence. */
  readonly failures: readonly { readonly budget: string; readonly message: string }[];
}

export interface ExplainedEntry extends BudgetEntry, Pick<Explained, 'from' | 'to' | 'explanation'> {
  /** Why nothing could be explained, in a sentence. The `why` of a result says what its comparison rests on. */
  readonly notExplained: string | null;
}

/** What `explain --json` prints. */
export interface ExplainDocument {
  readonly version: 1;
  readonly budgets: readonly ExplainedEntry[];
  /** Those of the configurations, then the budgets that could not be explained. */
  readonly problems: readonly ProblemEntry[];
}

/** Returns one document for all projects, with paths as the user would write them in the working directory. */
export function explainDocument(directory: string, all: readonly ProjectExplained[]): ExplainDocument {
  const { budgets, problems } = checkDocument(
    directory,
    all.map(({ root, snapshot, explained }): ProjectCheck => {
      const results = explained.map(({ result }) => result);
      return {
        ...{ root, snapshot },
        report: {
          ...{ version: 1, verdict: worstOf(results.map(({ verdict }) => verdict)), elapsedMs: 0, baseline: null },
          ...{ machine: unknownMachine, budgets: results, problems: problemsOf({ root, snapshot }) },
        },
      };
    }),
  );
  const found = all.flatMap(({ root, explained }) => explained.map((one) => ({ root, one })));
  const failures = all.flatMap(({ snapshot, failures: own }) =>
    own.flatMap(({ budget: name, message }): readonly ProblemEntry[] => {
      const location = snapshot.budgets.find(({ budget }) => budget.name === name)?.budget.location;
      return location === undefined ? [] : [{ file: shownPath(directory, location.file), ...location.start, message }];
    }),
  );
  return {
    version: 1,
    budgets: budgets.flatMap((entry, index): readonly ExplainedEntry[] => {
      const { root, one } = found[index] ?? {};
      if (root === undefined || one === undefined) return [];
      const { from, to, explanation, why } = one;
      const rename = (file: string): string => shownPath(directory, path.resolve(root, file));
      const causes = explanation?.causes.map((cause) => movedCause(cause, rename)) ?? [];
      return [{ ...entry, from, to, explanation: explanation && { ...explanation, causes }, notExplained: why }];
    }),
    problems: [...problems, ...failures],
  };
}

interface Options {
  readonly paint: Paint;
  /** The columns of the terminal; unlimited if it is none. */
  readonly width: number;
}

/** Returns the document as lines: for each budget the verdict, its causes as a table, and what they do not explain. */
export function explainText({ budgets, problems }: ExplainDocument, options: Options): readonly string[] {
  const { paint, width } = options;
  const blocks = [
    ...budgets.map((entry) => budgetLines(entry, options)),
    problems.flatMap((problem) =>
      wrapped(
        `${paint(problem.warning === true ? 'yellow' : 'cyan', placeText(problem))}  ${problem.message}`,
        width,
        '  ',
      ),
    ),
  ];
  return blocks.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : ['', ...lines]));
}

function budgetLines(entry: ExplainedEntry, options: Options): readonly string[] {
  const { name, verdict, from, to, explanation, notExplained } = entry;
  const { paint, width } = options;
  const title = `${paint(colors[verdict], marks[verdict])} ${paint('bold', name)}   ${headline(entry, from)}`;
  const inWidth = (line: string): readonly string[] => wrapped(`  ${line}`, width, '  ');
  const head = [
    ...wrapped(title, width, '    '),
    ...wrapped(paint('dim', `  ${sidesText(from, to, explanation)}`), width, '  '),
  ];
  if (explanation === null) return [...head, ...inWidth(notExplained ?? l10n.t('Nothing could be found out.'))];
  const causes = causeLines(explanation, options);
  const last = lastWords(entry, explanation).flatMap(inWidth);
  return [...head, ...causes, ...(causes.length > 0 && last.length > 0 ? [''] : []), ...last];
}

/** Returns what is not explained, or that there is nothing to explain. */
function lastWords(entry: ExplainedEntry, explanation: Explanation): readonly string[] {
  const { note, explained } = explanation;
  const nothing = explained === null ? nothingText(entry, explanation, entry.from) : null;
  return [nothing, note, unexplainedText(explanation)].filter((line) => line !== null);
}

const heads = ['function', 'before', 'after', 'difference', 'share'];

/** Returns a row for each cause, with its source lines and what V8 reported below it. */
function causeLines({ causes }: Explanation, { paint, width }: Options): readonly string[] {
  if (causes.length === 0) return [];
  const rows = causes.map((cause) => ({
    cells: [
      subject(cause),
      ...[causeFigure(cause.baseline), causeFigure(cause.current), gainOf(cause), shareWithInterval(cause)],
    ],
  }));
  const alignments = ['left', 'right', 'right', 'right', 'right'] as const;
  const [head = '', ...lines] = table([{ cells: heads }, ...rows], alignments, width - indent.length);
  return [
    '',
    indent + paint('dim', head),
    ...lines.flatMap((line, index) => [indent + line, ...belowCause(causes[index], { paint, width })]),
  ];
}

const indent = '  ';

function subject(cause: Cause): string {
  const name = causeFunction(cause);
  if (cause.kind !== 'garbage collection') return name === '' ? l10n.t('code outside of functions') : name;
  return [l10n.t('garbage collection'), name].filter(Boolean).join(', ');
}

function belowCause(cause: Cause | undefined, { paint, width }: Options): readonly string[] {
  if (cause === undefined) return [];
  const rows = sourceLines(cause).map(({ place, text, share, changed }) => ({
    cells: [paint('dim', place), text, share, paint('dim', changed)],
  }));
  const source = table(rows, ['left', 'left', 'right', 'left'], width - 2 * indent.length);
  const words = [...causeDetails(cause), ...causeReasons(cause)].map((line) => paint('dim', line));
  return [
    ...source.map((line) => indent + indent + line),
    ...words.flatMap((line) => wrapped(indent + indent + line, width, indent + indent + indent)),
  ];
}
