import type { BudgetEntry, CheckDocument, ProblemEntry } from './document.js';
import { againstOf, furtherProblems, placeText } from './document.js';
import { openReasons } from '../../text/terminal.js';
import { unreachable } from '../../result.js';
import { markup, type Markup } from '../../text/escape.js';
import { failsStrict } from '../../results/strict.js';
import { headline } from '../../text/title.js';
import { findings } from '../../text/finding.js';
import { causeLines, causesText } from '../../text/cause.js';

/**
 * Renders JUnit XML as Jenkins, GitLab and Azure read it (https://github.com/testmoapp/junitxml): each budget is a test case. A
 * broken budget is a failure, an unmeasured one an error; an undecided one is skipped, or a failure if `strict`.
 */
export function junitReport(document: CheckDocument, strict: boolean): string {
  const cases = [
    ...document.budgets.map((budget) => budgetCase(budget, againstOf(budget, document), strict)),
    ...(document.unchecked ?? []).map(uncheckedCase),
    ...furtherProblems(document)
      .filter(({ warning }) => warning !== true)
      .map(problemCase),
  ];
  const count = (kind: Outcome): number => cases.filter(({ outcome }) => outcome === kind).length;
  const counts = attributes({
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(document.elapsedMs),
  });
  const lines = [
    markup`<?xml version="1.0" encoding="UTF-8"?>`,
    markup`<testsuites name="perf-budget"${counts}>`,
    markup`  <testsuite name="perf-budget"${counts}>`,
    ...cases.flatMap((one) => one.lines.map((line) => markup`    ${line}`)),
    markup`  </testsuite>`,
    markup`</testsuites>`,
    markup``,
  ];
  return markup.join(lines, '\n').text;
}

type Outcome = 'passed' | 'failure' | 'error' | 'skipped';

interface Case {
  readonly outcome: Outcome;
  readonly lines: readonly Markup[];
}

function budgetCase(budget: BudgetEntry, against: string, strict: boolean): Case {
  const { name, benchmark, verdict, elapsedMs } = budget;
  const place = budget.failure ?? budget.place;
  const open = markup`<testcase${attributes({
    name,
    classname: benchmark === '' ? name : benchmark,
    ...(place !== undefined && { file: place.file, line: place.line }),
    time: seconds(elapsedMs),
  })}>`;
  const head = headline(budget, against);
  const causes = causesText(budget);
  const sentences = [
    ...findings(name, budget, against).map(({ message }) => message),
    ...(causes === null ? [] : causeLines(causes)),
  ];
  const element = (outcome: Exclude<Outcome, 'passed'>, body: readonly string[]): Case => {
    const text = body.length === 0 ? markup`/>` : markup`>${body.join('\n')}</${outcome}>`;
    const type = outcome === 'skipped' ? {} : { type: verdict };
    return {
      outcome,
      lines: [open, markup`  <${outcome}${attributes({ message: head, ...type })}${text}`, markup`</testcase>`],
    };
  };
  switch (verdict) {
    case 'error':
      return element('error', sentences);
    case 'fail':
      return element('failure', sentences);
    case 'undecided':
      return element(strict ? 'failure' : 'skipped', strict ? openReasons([budget]) : []);
    case 'pass':
    case 'warn':
      if (strict && failsStrict(budget)) return element('failure', sentences);
      return {
        outcome: 'passed',
        lines: [open, markup`  <system-out>${[head, ...sentences].join('\n')}</system-out>`, markup`</testcase>`],
      };
    default:
      return unreachable(verdict);
  }
}

/** A budget that was not checked before the interruption. */
function uncheckedCase(name: string): Case {
  const skipped = markup`  <skipped${attributes({ message: 'The check was interrupted before this budget.' })}/>`;
  return {
    outcome: 'skipped',
    lines: [markup`<testcase${attributes({ name, classname: name })}>`, skipped, markup`</testcase>`],
  };
}

function problemCase(problem: ProblemEntry): Case {
  const { file, line, message } = problem;
  return {
    outcome: 'error',
    lines: [
      markup`<testcase${attributes({ name: placeText(problem), classname: 'problems', file, line })}>`,
      markup`  <error${attributes({ message, type: 'problem' })}/>`,
      markup`</testcase>`,
    ],
  };
}

/** Line breaks and tabs in an attribute would be read as spaces. */
const attributes = (all: Readonly<Record<string, string | number>>): Markup =>
  markup`${Object.entries(all).map(([name, value]) => markup` ${name}="${spaced(markup`${value}`)}"`)}`;

const spaced = ({ text }: Markup): Markup =>
  markup.trusted(text.replaceAll(/[\n\t]/g, (space) => `&#${space.charCodeAt(0)};`));

const seconds = (ms: number): string => (ms / 1000).toFixed(3);
