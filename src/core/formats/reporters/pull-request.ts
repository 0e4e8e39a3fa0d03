import { escapeMarkdown, table } from '../../text/markdown.js';
import { baselineName, closing, columns, nextSteps, openReasons, unchangedText } from '../../text/terminal.js';
import { againstOf, placeText, worstFirst, type BudgetEntry, type CheckDocument } from './document.js';
import { failsStrict } from '../../results/strict.js';
import { headline, marks } from '../../text/title.js';
import { findings } from '../../text/finding.js';

/** The line by which we find our comment again, so that a pull request has one and not twenty. */
const commentMark = '<!-- perf-budget -->';

/**
 * Renders a comment on a pull request or the summary of a CI run: what is wrong in sentences, then all figures, worst first.
 * Passed budgets are folded away if there are many.
 */
export function markdownReport(document: CheckDocument, strict: boolean): string {
  const budgets = worstFirst(document);
  const { unchanged, baseline } = document;
  const isBad = (budget: BudgetEntry): boolean =>
    budget.verdict === 'fail' || budget.verdict === 'error' || (strict && failsStrict(budget));
  const errors = document.problems.filter(({ warning }) => warning !== true);
  const bad = errors.length > 0 || budgets.some(isBad) || (strict && unchanged === true);
  const sum = closing(budgets, errors.length, document.elapsedMs, document.baseline);
  const fine = budgets.filter(({ verdict }) => verdict === 'pass');
  const open = budgets.filter(({ verdict }) => verdict !== 'pass');
  const folded = fine.length > 5;
  const shown = folded ? open : budgets;
  const parts = [
    commentMark,
    `### ${bad ? marks.fail : marks.pass} Performance budgets: ${escapeMarkdown(sum === '' ? 'none to check' : sum)}`,
    ...budgets.filter(({ verdict }) => verdict === 'fail' || verdict === 'error').map((one) => failure(one, document)),
    ...(shown.length === 0 ? [] : [budgetTable(shown, document)]),
    ...list(openReasons(budgets).map(escapeMarkdown)),
    ...(unchanged === true && baseline !== null ? [escapeMarkdown(unchangedText(baseline))] : []),
    ...(folded
      ? [
          `<details><summary>${escapeMarkdown(`${fine.length} passed`)}</summary>`,
          budgetTable(fine, document),
          '</details>',
        ]
      : []),
    ...list(document.problems.map((problem) => `${code(placeText(problem))} ${escapeMarkdown(problem.message)}`)),
    machineLine(document),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** What is wrong with one budget, and what to do about it. */
function failure(budget: BudgetEntry, document: CheckDocument): string {
  const found = findings(budget.name, budget, againstOf(budget, document));
  const where = budget.place === undefined ? '' : ` ${code(`${budget.place.file}:${budget.place.line}`)}`;
  const lines = found.map(({ message }, index) => `${escapeMarkdown(message)}${index === 0 ? where : ''}`);
  return [...lines, ...nextSteps(found).map((step) => `_${escapeMarkdown(step)}_`)]
    .map((line) => `> ${line}`)
    .join('  \n');
}

function budgetTable(budgets: readonly BudgetEntry[], document: CheckDocument): string {
  const rows = budgets.map((budget) => {
    const cells = columns(budget);
    const name = escapeMarkdown(budget.name);
    if (cells === null)
      return [marks[budget.verdict], name, escapeMarkdown(headline(budget, againstOf(budget, document))), '', ''];
    const { measured, change, allowed } = cells;
    return [marks[budget.verdict], name, ...[measured, change, allowed].map(escapeMarkdown)];
  });
  return table(['', 'Budget', 'Measured', 'Change', 'Bound'], rows, [2, 3]);
}

function machineLine({ machine: { cpu, cores, os, node }, baseline }: CheckDocument): string {
  if (cpu === '') return '';
  const where = [
    cpu,
    `${cores} ${cores === 1 ? 'core' : 'cores'}`,
    os,
    node === '' ? '' : `Node ${node.replace(/^v/, '')}`,
  ];
  const against = baseline === null ? '' : `, alternating with the code of ${baselineName(baseline)}`;
  return `<sub>Measured on ${escapeMarkdown(where.filter(Boolean).join(', ') + against)}</sub>`;
}

const list = (lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [lines.map((line) => `- ${line}`).join('\n')];

/** Wraps text in backquotes; if it contains some itself, in more of them. */
function code(text: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${text}${fence}` : `${fence} ${text} ${fence}`;
}
