import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BudgetEntry, CheckDocument } from '../../src/core/formats/reporters/document.js';
import { commit, git, repository, write } from '../engine/repository.js';
import type { Ended, Options, Place } from './place.js';

/** A loop of a length that cases change by factors that no noise reaches. */
export const work = (turns: number): string =>
  `export function work(): number {\n  let sum = 0;\n  for (let i = 0; i < ${turns}; i++) sum += i % 7;\n  return sum;\n}\n`;

const healthyBench = `import { bench } from 'vitest';
import { work } from '../src/work.js';
bench('healthy', () => {
  work();
});
`;

/** Budgets whose verdicts no load and no noise changes, as JSON. */
export const healthyBudgets = {
  healthy: { benchmark: 'healthy', code: 'src/work.ts#work', limit: ['time <= 10 s', 'time <= baseline * 1000'] },
  slow: { benchmark: 'healthy', limit: ['time <= 0.1 ns'] },
  hand: { manual: '%', limit: ['value <= 1%'] },
  broken: { manual: '%', limit: ['value <= 1%'] },
};

/** The figures that people recorded: one that breaks its limit. */
export const recordsText = `${JSON.stringify({ broken: { value: '5', at: new Date().toISOString().slice(0, 10), by: 'test' } }, null, 2)}\n`;
export const recordsFile = 'perf-budget.values.json';

/** What a check of these budgets says, whatever happens to the others. */
const expected: readonly (readonly [name: keyof typeof healthyBudgets, verdicts: readonly string[]])[] = [
  ['healthy', ['pass']],
  // On a machine that is too busy, V8 may not be done with it.
  ['slow', ['fail', 'undecided']],
  ['broken', ['fail']],
];

export const configOf = (budgets: Readonly<Record<string, object>>): string =>
  `// Every byte of this file must stay.\n${JSON.stringify(
    {
      benchmarks: [{ files: 'bench/**/*.bench.ts' }],
      defaults: { time: '200 ms' },
      budgets,
    },
    null,
    2,
  )}\r\n\r\n`;

/** Makes the case's repository: a commit, and a working tree whose code differs from it. */
export function makeRepository(
  place: Place,
  {
    budgets = {},
    files = {},
  }: { budgets?: Readonly<Record<string, object>>; files?: Readonly<Record<string, string>> } = {},
): void {
  repository(place.root);
  git(place.root, 'config', 'user.name', 'Test');
  git(place.root, 'config', 'user.email', 'test@localhost');
  commit(place.root, {
    '.gitignore': '.perf-budget/\n',
    '.gitattributes': '* -text\n',
    'perf-budget.jsonc': configOf({ ...healthyBudgets, ...budgets }),
    [recordsFile]: recordsText,
    'src/work.ts': work(2_000),
    'src/part.ts': 'export const part = 1;\n',
    'bench/healthy.bench.ts': healthyBench,
    ...files,
  });
  // Other code of the same speed, so that there is something to compare.
  write(place.root, { 'src/work.ts': work(2_001), 'src/part.ts': 'export const part = 2;\n' });
}

/** The names of the budgets that nothing harms. A check of them ends with 1. */
export const harmless: readonly string[] = expected.map(([name]) => name);

export interface Checked extends Ended {
  /** Null if it wrote none. */
  readonly document: CheckDocument | null;
  readonly of: (name: string) => BudgetEntry | undefined;
}

/** Runs `check` with a document beside what it prints. */
export async function check(place: Place, args: readonly string[] = [], options: Options = {}): Promise<Checked> {
  const out = path.join(place.folder, 'out');
  mkdirSync(out, { recursive: true });
  const file = path.join(out, 'check.json');
  writeFileSync(file, '');
  const ended = await place.perfBudget(['check', ...args, '--json', file], options);
  const document = read(file);
  return { ...ended, document, of: (name) => document?.budgets.find((one) => one.name === name) };
}

function read(file: string): CheckDocument | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as CheckDocument;
  } catch {
    return null;
  }
}

/** Fails the case where the budgets that nothing has harmed have no verdict, or a wrong one. */
export function expectHealthy(place: Place, checked: Checked, when: string): void {
  for (const [name, verdicts] of expected) {
    const found = checked.of(name);
    if (found === undefined) place.fail(`${when}, "${name}" is not in the report of \`${checked.command}\``);
    else if (!verdicts.includes(found.verdict))
      place.fail(`${when}, "${name}" is ${found.verdict}, not ${verdicts.join(' or ')}: ${found.message}`);
  }
}
