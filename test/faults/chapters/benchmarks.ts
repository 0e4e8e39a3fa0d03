import type { BudgetEntry } from '../../../src/core/formats/reporters/document.js';
import { before, expectAftermath } from '../aftermath.js';
import type { Chapter } from '../chapter.js';
import { check, expectHealthy, makeRepository, type Checked } from '../healthy.js';
import { write } from '../../engine/repository.js';
import { kinds } from '../misbehaving/index.js';
import type { Kind } from '../misbehaving/kind.js';
import type { Place } from '../place.js';

/** The longest that a check may take with one benchmark that never ends, on a busy machine. */
const limitMs = 120_000;

/** The budget of a benchmark that misbehaves. */
export const budgetOf = ({ benchmark = 'bad', limit = 'time <= 1 h' }: Kind): object => ({ benchmark, limit: [limit] });

/** Says what is wrong with a budget's report; null if it is right. */
export function wrongWith(kind: Kind, found: BudgetEntry | undefined): string | null {
  if (found === undefined) return 'is not in the report';
  const { verdict, message } = found;
  if (!kind.verdicts.includes(verdict))
    return `is ${verdict}, not ${kind.verdicts.join(' or ')}: ${message.slice(0, 300)}`;
  if (kind.message !== undefined && !kind.message.test(message))
    return `says ${JSON.stringify(message.slice(0, 300))}, which does not match ${String(kind.message)}`;
  if (message.length > 5000) return `has a message of ${message.length} characters`;
  return null;
}

/** The bench file without what was wrong with it. */
const mended = ({ benchmark = 'bad' }: Kind): string =>
  `import { bench } from 'vitest';\nbench(${JSON.stringify(benchmark)}, () => {});\n`;

/** Makes old and new code differ, so that both run. */
const uses = "import { part } from '../src/part.js';\n(globalThis as any).part = part;\n";

/** Whether this system has what the kind needs. */
export const isPossible = ({ needs }: Kind): boolean =>
  needs === undefined || (needs === 'linux' ? process.platform === 'linux' : process.platform !== 'win32');

export const benchmarks: Chapter = {
  name: 'benchmarks',
  title: 'a benchmark that misbehaves beside a healthy one',
  share: 5,
  cases: kinds.length,
  label: (number) => kinds[number]?.name ?? '',
  async run(place, number) {
    const kind = kinds[number];
    if (kind === undefined) return;
    if (!isPossible(kind)) {
      place.skip(`${kind.name}: not on ${process.platform}`);
      return;
    }
    makeRepository(place, {
      budgets: { bad: budgetOf(kind) },
      files: { 'bench/bad.bench.ts': `${uses}${kind.source}` },
    });
    const then = before(place);
    const checked = await check(place, [], { limitMs });
    expectReport(place, kind, checked);
    // Its author mends it, and it is as good as any other.
    write(place.root, { 'bench/bad.bench.ts': mended(kind) });
    await expectAftermath(place, then, ['bad']);
    place.count('checks', 2);
  },
};

function expectReport(place: Place, kind: Kind, checked: Checked): void {
  // The slow budget fails; an error comes before that, and one that no benchmark is found for is the configuration's.
  const isError = checked.of('bad')?.verdict === 'error';
  place.expectEnd(checked, isError ? [2, 3] : [1]);
  expectHealthy(place, checked, 'beside it');
  const wrong = wrongWith(kind, checked.of('bad'));
  if (wrong !== null) place.fail(`the budget ${wrong}`);
}
