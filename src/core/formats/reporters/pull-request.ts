import { visibleLine } from '../../text/escape.js';
import { github, type GithubMarkdown } from '../../text/markdown.js';
import { baselineName, closing, columns, nextSteps, openReasons, unchangedText } from '../../text/terminal.js';
import { counts } from '../../text/words.js';
import {
  againstOf,
  furtherProblems,
  grouped,
  groupName,
  interruption,
  placeText,
  problemOf,
  strictWords,
  worstFirst,
  type BudgetEntry,
  type CheckDocument,
  type Group,
} from './document.js';
import { headline, marks } from '../../text/title.js';
import { causesText } from '../../text/cause.js';
import { findings, type Finding } from '../../text/finding.js';

/** The line by which we find our comment again, so that a pull request has one and not twenty. */
const commentMark = github`<!-- perf-budget -->`;

/** The most that GitHub takes: in a comment, and in the summary of a step. GitHub counts characters in the first. */
export const longestComment = 65_536;
export const longestSummary = 1_048_576;

/**
 * Renders a comment on a pull request or the summary of a CI run, of at most `most` bytes in UTF-8: what is wrong in sentences, then
 * all figures, worst first. Passed budgets are folded away if there are many, and only some are listed if there is no room for
 * all; what failed comes first in everything.
 */
export function markdownReport(document: CheckDocument, strict: boolean, most = longestComment): string {
  const budgets = worstFirst(document);
  const { unchanged, baseline } = document;
  const problems = furtherProblems(document);
  const interrupted = interruption(document);
  const errors = problems.filter(({ warning }) => warning !== true);
  const broken = budgets.filter(({ verdict }) => verdict === 'fail' || verdict === 'error');
  const isBroken = interrupted !== null || errors.length > 0 || broken.length > 0;
  const lacking = strictWords(document, strict);
  const bad = isBroken || lacking !== '';
  const sum = closing(budgets, errors.length, document.elapsedMs, document.baseline) + (isBroken ? '' : lacking);
  const fine = budgets.filter(({ verdict }) => verdict === 'pass');
  const open = budgets.filter(({ verdict }) => verdict !== 'pass');
  const folded = fine.length > 5;
  const [listed, hidden] = folded ? [open, fine] : [budgets, []];
  const none = interrupted === null ? 'none to check' : 'interrupted';
  const head = [
    commentMark,
    github`### ${bad ? marks.fail : marks.pass} Performance budgets: ${sum === '' ? none : sum}`,
    ...(interrupted === null ? [] : [github`**${interrupted}**`]),
  ];
  const same = unchanged === true && baseline !== null ? github`${unchangedText(baseline)}` : github``;
  const last = machineLine(document);
  const summary = (count: number): GithubMarkdown => {
    const some = count < hidden.length ? github`; the first ${count} are listed` : github``;
    return github`<details><summary>${hidden.length} passed${count === 0 ? github`` : some}</summary>`;
  };
  const frame = [...head, same, last, tableHead, tableHead, summary(0), github`</details>`];
  const room = new Room(most - bytes(github.join(frame, '\n\n')) - 64);
  // In the order in which they are kept.
  const reported = grouped(broken).map((group, index, all) => failure(group, all[index + 1] ?? null, document));
  // Beyond that, a line of the table says more in less room.
  const failures = room.take(reported, (text) => text, moreOf('below'), 0.5);
  const problemLines = room.take(
    problems,
    (problem) => github`- ${code(placeText(problem))} ${problem.message}`,
    (count) => github`- and ${counts(count, 'more problem')}`,
  );
  const row = (group: Group): GithubMarkdown => budgetRow(group, document);
  const rows = room.take(grouped(listed), row, (count) => github`| | and ${counts(count, 'more budget')} | | | |`);
  const reasons = room.take(openReasons(budgets), (reason) => github`- ${reason}`, moreOf('notes'));
  const hiddenRows = room.take(grouped(hidden), row, () => github``).filter(({ text }) => text !== '');
  const parts = [
    ...head,
    ...failures,
    tableOf(rows),
    github.join(reasons, '\n'),
    same,
    ...(hidden.length === 0 ? [] : [summary(hiddenRows.length), tableOf(hiddenRows), github`</details>`]),
    github.join(problemLines, '\n'),
    last,
  ];
  const written = parts.filter(({ text }) => text !== '');
  return `${github.join(written, '\n\n').text}\n`;
}

const moreOf =
  (what: string) =>
  (count: number): GithubMarkdown =>
    github`- and ${count} more ${what}`;

/** How much may still be written. */
class Room {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  /** Writes items as long as a share of the room has place for them and for a line that says how many more there are. */
  take<T>(
    items: readonly T[],
    write: (item: T) => GithubMarkdown,
    more: (count: number) => GithubMarkdown,
    share = 1,
  ): readonly GithubMarkdown[] {
    const written: GithubMarkdown[] = [];
    const kept = this.#left * (1 - share);
    const spare = bytes(more(items.length)) + 2;
    for (const [index, item] of items.entries()) {
      const text = write(item);
      const size = bytes(text) + 2;
      const rest = index + 1 < items.length ? spare : 0;
      if (size + rest > this.#left - kept) {
        this.#left -= spare;
        return [...written, more(items.length - index)];
      }
      this.#left -= size;
      written.push(text);
    }
    return written;
  }
}

/** The length in UTF-8, which is never less than that in characters. */
function bytes({ text }: GithubMarkdown): number {
  let count = 0;
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0;
    count += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
  }
  return count;
}

/** What is wrong with one budget, and what to do about it if that is not the same for the next one. */
function failure(group: Group, following: Group | null, document: CheckDocument): GithubMarkdown {
  const found = findingsOf(group, document);
  const { failure, place } = group[0];
  const problem = problemOf(document, group[0]);
  const exact = failure ?? problem;
  const spot = exact === null ? place && `${place.file}:${place.line}` : placeText(exact);
  const where = spot === undefined ? github`` : github` ${code(spot)}`;
  const lines = found.map(({ message }, index) => github`${message}${index === 0 ? where : github``}`);
  const steps = nextSteps(found);
  const next = following === null ? [] : nextSteps(findingsOf(following, document));
  const shown = steps.join('\n') === next.join('\n') ? [] : steps.map((step) => github`_${step}_`);
  const causes = causeItems(group[0]);
  if (causes.length === 0) return quoted([...lines, ...shown]);
  const list = github.join(
    causes.map((line) => github`> ${line}`),
    '\n',
  );
  // Without an empty line, the steps would be a part of the last item.
  const last = shown.length === 0 ? [] : [github`>`, quoted(shown)];
  return github.join([quoted(lines), list, ...last], '\n');
}

const quoted = (lines: readonly GithubMarkdown[]): GithubMarkdown =>
  github.join(
    lines.map((line) => github`> ${line}`),
    '  \n',
  );

/** Returns the causes as a list, with what V8 reported as lists within it. */
function causeItems(budget: BudgetEntry): readonly GithubMarkdown[] {
  const text = causesText(budget);
  if (text === null) return [];
  const items = text.causes.flatMap(({ words: { amount, code: source, where, place, reasons } }) => {
    const parts = [github`${amount}`, source === '' ? github`` : code(source), github`${where}`];
    const words = github.join(
      parts.filter((part) => part.text !== ''),
      ' ',
    );
    const at = place === null ? github`` : github`, ${code(place)}`;
    return [github`- ${words}${at}`, ...reasons.map((reason) => github`  - ${reason}`)];
  });
  return [...items, ...[text.more, text.note].flatMap((line) => (line === null ? [] : [github`- ${line}`]))];
}

function findingsOf(group: Group, document: CheckDocument): readonly Finding[] {
  const found = findings(groupName(group), group[0], againstOf(group[0], document));
  if (group.length === 1) return found;
  return found.map((one) => ({ ...one, message: one.message.replace(' was not measured', ' were not measured') }));
}

const tableHead = github`|  | Budget | Measured | Change | Bound |
| :-- | :-- | --: | --: | :-- |`;

const tableOf = (rows: readonly GithubMarkdown[]): GithubMarkdown =>
  rows.length === 0 ? github`` : github.join([tableHead, ...rows], '\n');

function budgetRow(group: Group, document: CheckDocument): GithubMarkdown {
  const [budget] = group;
  const cells = columns(budget);
  const figures =
    cells === null
      ? [headline(budget, againstOf(budget, document)), '', '']
      : [cells.measured, cells.change, cells.allowed];
  const all = [marks[budget.verdict], groupName(group), ...figures];
  return github`|${all.map((cell) => github` ${cell} |`)}`;
}

function machineLine({ machine: { cpu, cores, os, node }, baseline, budgets }: CheckDocument): GithubMarkdown {
  if (cpu === '') return github``;
  const where = [
    cpu,
    `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    os,
    node === '' ? '' : `Node ${node.replace(/^v/, '')}`,
  ];
  const isCompared = budgets.some(({ comparison, compared }) => comparison !== null && compared !== 'same code');
  const against = baseline === null || !isCompared ? '' : `, alternating with the code of ${baselineName(baseline)}`;
  return github`<sub>Measured on ${where.filter(Boolean).join(', ') + against}</sub>`;
}

/** Wraps text in backquotes; if it contains some itself, in more of them. */
function code(path: string): GithubMarkdown {
  const text = visibleLine(path);
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return github.trusted(longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`);
}
