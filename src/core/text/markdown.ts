import * as l10n from '@vscode/l10n';
import { formatChange, formatTime } from '../language/figures.js';
import type { BudgetResult, CheckResult } from '../results/measurement.js';
import type { BudgetState } from '../results/state.js';
import { checkMark, marks, stateTitle } from './title.js';
import { figuresOf, formatShare, measuredBesideBound } from './figures.js';
import { leadingCheck, shareOf } from './check.js';
import { worstFirst } from './rank.js';
import { ago, commitName, cutName } from './words.js';
import { escapeUri, jsonText, template, visibleLine, type Source } from './escape.js';

/** Lays out results as Markdown for a hover or a report; the words are from `title.ts` and `figures.ts`. */

/** Escapes any text so that Markdown shows it as written: on one line, also in a table cell, and no address becomes a link. */
export function escapeMarkdown(text: string): string {
  return (
    visibleLine(text)
      .replaceAll(/[\\`*_{}[\]()#+\-.!|<>&~$]/g, '\\$&')
      .replaceAll('://', ':\\//')
      // Many spaces would be code, and equals signs a heading.
      .replace(/^ +/, ' ')
      .replace(/^( ?)=/, '$1\\=')
  );
}

/** The Markdown of hovers and tooltips. */
export type Markdown = Source<'markdown'>;
export const markdown = template('markdown', escapeMarkdown);

/** Is not seen, and ends what GitHub would read as a name. */
const apart = '\u200b';

/**
 * The Markdown of comments and summaries on GitHub, which makes links of `@name`, `#1` and `GH-1` and pictures of `:name:` after
 * all else, so that no backslash helps. Renovate and Dependabot separate them likewise.
 */
export type GithubMarkdown = Source<'github'>;
export const github = template('github', (text) =>
  escapeMarkdown(
    text
      .replaceAll(/@|#(?=\d)|\bGH-(?=\d)/gi, `$&${apart}`)
      .replaceAll(/:(?=(?:\d{0,4}[a-z_+-][\w+-]{0,50}|100|1234):)/g, `:${apart}`),
  ),
);

/** Returns a link that runs a command with arguments, of which `%` is written as JSON can because VS Code decodes it once too often. */
export function commandLink(words: string, command: string, args: readonly unknown[] = []): Markdown {
  const query = args.length === 0 ? '' : `?${escapeUri(jsonText(args).replaceAll('%', String.raw`\u0025`))}`;
  return markdown`[${words}](${markdown.trusted(`command:${command}${query}`)})`;
}

/** Returns a picture, whose address must be ours. */
export const picture = (words: string, address: string): Markdown =>
  markdown`![${words}](${markdown.trusted(address)})`;

/** Returns paragraphs, leaving out those that are empty. */
export const paragraphs = (parts: readonly Markdown[]): Markdown =>
  markdown.join(
    parts.filter(({ text }) => text !== ''),
    '\n\n',
  );

/** Returns lines of one paragraph. */
export const lines = (parts: readonly Markdown[]): Markdown => markdown.join(parts, '  \n');

/** Returns a sentence with what it has between backticks as code. */
export function prose(text: string): Markdown {
  const parts = visibleLine(text).split('`');
  const isPaired = parts.length % 2 === 1 && parts.slice(1, -1).every((part) => part !== '');
  if (!isPaired) return markdown`${text}`;
  return markdown`${parts.map((part, at) => (at % 2 === 0 ? markdown`${part}` : markdown.trusted(`\`${part}\``)))}`;
}

/** Returns text as code for a cell of a table; as other text if no code can show it there. */
export function codeCell(text: string): Markdown {
  const code = visibleLine(text).trim();
  // In a cell, a backslash keeps a column together, and one before that would undo it.
  if (code === '' || code.includes(String.raw`\|`)) return markdown`${code}`;
  const longest = Math.max(0, ...Array.from(code.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return markdown.trusted(`${fence} ${code.replaceAll('|', String.raw`\|`)} ${fence}`);
}

/** Returns a table of texts; `figures` are the numeric columns, from 0. Cells end in a space, because a hover does not space its columns. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | Markdown)[])[],
  figures: readonly number[] = [],
): Markdown {
  const line = (cells: readonly (string | Markdown)[]): Markdown =>
    markdown`|${cells.map((cell) => markdown` ${cell} &nbsp;|`)}`;
  const rule = head.map((_, column) => (figures.includes(column) ? '--:' : ':--')).join(' | ');
  return markdown.join([line(head), markdown.trusted(`| ${rule} |`), ...rows.map(line)], '\n');
}

/** The checks of one budget in a table of several. */
export interface CheckRows {
  /** The budget's name, or a link in its place. */
  readonly name: string | Markdown;
  readonly checks: readonly CheckResult[];
  /** Whether the figures are those of the current code. */
  readonly isCurrent: boolean;
}

/** Returns a table of the checks: what was measured, the bound, and how much of it is used. Budgets are named if there are several. */
export function checksTable(budgets: readonly CheckRows[]): Markdown {
  const isOne = budgets.length === 1;
  const rows = budgets.flatMap(({ name, checks, isCurrent }) =>
    checks.map((check, index) => {
      const figures = figuresOf(check);
      const share = shareOf(check);
      return [
        isCurrent ? checkMark(check) : '…',
        ...(isOne ? [] : [index === 0 ? name : '']),
        check.check,
        figures?.measured ?? check.note ?? '–',
        figures?.bound ?? '–',
        share === null ? '–' : formatShare(share),
      ];
    }),
  );
  if (rows.length === 0) return markdown``;
  const heads = [
    '',
    ...(isOne ? [] : [l10n.t('Budget')]),
    l10n.t('Check'),
    l10n.t('Measured'),
    l10n.t('Bound'),
    l10n.t('Used'),
  ];
  return table(heads, rows, [heads.length - 3, heads.length - 2, heads.length - 1]);
}

/** Returns why checks are undecided whose row in the table has figures and so no place for that. */
export function openNotes(checks: readonly CheckResult[]): readonly string[] {
  const open = checks.filter((check) => check.verdict === 'undecided' && figuresOf(check) !== null);
  return [...new Set(open.flatMap(({ note }) => note ?? []))];
}

/** One run from the history. */
export interface Run {
  readonly at: number;
  readonly commit: string | null;
  readonly dirty: boolean;
  readonly result: BudgetResult;
  /** Nanoseconds per iteration. */
  readonly time: { readonly value: number; readonly low: number; readonly high: number } | null;
}

/** Returns the cells of one run: verdict, when, commit, value, change against its baseline. */
function runCells({ at, commit, dirty, result, time }: Run, now: number): readonly string[] {
  const { comparison } = result;
  return [
    marks[result.verdict],
    ago(at, now),
    commitName(commit, dirty),
    time === null ? '–' : formatTime(time.value, time),
    comparison === null ? '–' : formatChange(comparison.ratio, comparison),
  ];
}

const runHeads = (): readonly string[] => ['', l10n.t('When'), l10n.t('Commit'), l10n.t('Time'), l10n.t('Change')];

export function runsTable(runs: readonly Run[], now: number): Markdown {
  return table(
    runHeads(),
    runs.map((run) => runCells(run, now)),
    [3, 4],
  );
}

/** One budget in the status bar's tooltip. */
export interface Row {
  readonly name: string;
  readonly state: BudgetState;
  readonly against: string;
}

/** Returns a table of the budgets, worst first: at most `most` rows, then the number of the others. */
export function budgetsTable(rows: readonly Row[], most: number): Markdown {
  const lines = worstFirst(rows, ({ state }) => state)
    .slice(0, most)
    .map(({ name, state, against }) => {
      if (state.kind !== 'known') {
        return [state.kind === 'unmeasured' ? '' : '…', cutName(name), stateTitle(state, against), '–'];
      }
      const { result } = state.known;
      const check = leadingCheck(result);
      const figures = check && measuredBesideBound(check);
      const change = result.comparison ? formatChange(result.comparison.ratio, result.comparison) : '–';
      return [marks[result.verdict], cutName(name), figures ?? stateTitle(state, against), change];
    });
  const rest = rows.length - lines.length;
  return paragraphs([
    table(['', l10n.t('Budget'), l10n.t('Measured'), l10n.t('Change')], lines, [3]),
    rest > 0 ? markdown.filled(l10n.t('and {0} more'), rest) : markdown``,
  ]);
}
