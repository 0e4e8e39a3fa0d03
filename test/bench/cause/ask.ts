/** Asks the built command line about one change, as a user would. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { endNode, startNode } from '../detect-children.js';
import { functionsAt, linesOf, type Control, type Module, type Variant } from './corpus.js';
import { budget, change as make, commit, createRepository } from './repository.js';
import type { Asked, Expected } from './score.js';

/** Longer than the slowest verdict that any budget may take. */
const patienceMs = 60_000;

const cause = v.object({
  kind: v.string(),
  function: v.nullable(v.string()),
  file: v.nullable(v.string()),
  line: v.nullable(v.number()),
});
const documentShape = v.object({
  budgets: v.array(
    v.object({
      verdict: v.string(),
      comparison: v.nullable(v.object({ ratio: v.number() })),
      message: v.string(),
      explanation: v.nullable(v.object({ causes: v.array(cause) })),
      notExplained: v.nullable(v.string()),
    }),
  ),
  problems: v.array(v.object({ message: v.string() })),
});

export interface AskOptions {
  readonly cli: string;
  /** Where the project is made. */
  readonly folder: string;
  readonly repository: string;
  /** Whether the change is committed, and the old code the commit before it; else it is only saved. */
  readonly committed: boolean;
  readonly signal: AbortSignal;
}

export async function ask(
  module: Module,
  change: Variant | Control,
  { cli, folder, repository, committed, signal }: AskOptions,
): Promise<Asked> {
  await createRepository(folder, module, path.join(repository, 'test/fixtures/cause'));
  const texts = await make(folder, change.edits);
  if (committed) await commit(folder, 'The new version');
  const about = {
    ...{ module: module.name, change: change.name },
    ...('answers' in change
      ? { kind: change.kind, size: change.size, expected: change.answers.map((one) => expectedOf(one)) }
      : { kind: null, size: null, expected: [] }),
  };
  function expectedOf(answer: Variant['answers'][number]): Expected {
    const { file } = answer;
    const text = texts.get(file) ?? readFileSync(path.join(folder, file), 'utf8');
    const lines = linesOf(answer, text);
    const functions = [...new Set(lines.flatMap((line) => functionsAt(text, file, line)))];
    return { functions: functions.includes(answer.function) ? functions : [answer.function], file, lines };
  }
  const nothing = { verdict: 'error', ratio: null, causes: [], causesMs: null };
  const args = ['explain', budget, '--verbose', '--json', '-', ...(committed ? ['--from', 'HEAD~1'] : [])];
  const { output, errors, judgedAt, answeredAt } = await outputOf([cli, ...args], folder, signal);
  let document: unknown = null;
  try {
    document = JSON.parse(output);
  } catch {
    // What it printed instead is the error.
  }
  const parsed = v.safeParse(documentShape, document);
  const result = parsed.success ? parsed.output.budgets[0] : undefined;
  if (!parsed.success || result === undefined) {
    const problems = parsed.success ? parsed.output.problems.map(({ message }) => message).join(' ') : '';
    return { ...about, ...nothing, error: problems || errors.slice(-300) || output.slice(0, 300) || 'no answer' };
  }
  const { verdict, comparison, explanation, notExplained, message } = result;
  return {
    ...about,
    verdict,
    ratio: comparison?.ratio ?? null,
    causes: explanation?.causes ?? [],
    causesMs: explanation === null || judgedAt === null ? null : answeredAt - judgedAt,
    // Where nothing differs, nothing has to be explained.
    error: explanation === null && (verdict === 'error' || about.kind !== null) ? (notExplained ?? message) : null,
  };
}

interface Answer {
  output: string;
  errors: string;
  /** When it logged that the verdict stood. */
  judgedAt: number | null;
  answeredAt: number;
}

async function outputOf(args: readonly string[], cwd: string, signal: AbortSignal): Promise<Answer> {
  signal.throwIfAborted();
  const child = startNode(args, { cwd });
  const answer: Answer = { output: '', errors: '', judgedAt: null, answeredAt: NaN };
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    answer.output += piece;
    answer.answeredAt = performance.now();
  });
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    answer.errors += piece;
    if (/\bmeasured /.test(piece)) answer.judgedAt = performance.now();
  });
  const end = (): void => void endNode(child);
  const patience = setTimeout(end, patienceMs);
  signal.addEventListener('abort', end);
  try {
    await once(child, 'close');
    signal.throwIfAborted();
    return answer;
  } finally {
    clearTimeout(patience);
    signal.removeEventListener('abort', end);
  }
}
