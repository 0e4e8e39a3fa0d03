import * as l10n from '@vscode/l10n';
import { closest } from '../../core/language/spelling.js';
import { err, ok, type Result } from '../../core/result.js';

/** One thing that a tool may be given. All of them are optional. */
interface Field {
  readonly kind: 'texts' | 'text' | 'count';
  readonly description: string;
}

/** What a caller gave: absent where they gave nothing, or an empty text or list. */
export type Input = Readonly<Partial<Record<string, string | number | readonly string[]>>>;

/** A tool as callers see it. `package.json` has the same, for VS Code. */
export interface ToolDefinition {
  readonly name: ToolName;
  readonly title: string;
  /** For the model: what it answers, and when to call it. */
  readonly description: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Whether it runs the user's code. */
  readonly runsCode: boolean;
  /** What it does while it runs: "Checking budgets". */
  readonly doing: () => string;
  /** A JSON Schema of its document. */
  readonly output: Readonly<Record<string, unknown>>;
}

export const toolNames = [
  'perf_budget_check',
  'perf_budget_explain',
  'perf_budget_history',
  'perf_budget_list',
  'perf_budget_propose',
] as const;
export type ToolName = (typeof toolNames)[number];

const folder: Field = {
  kind: 'text',
  description:
    'Only what the perf-budget.jsonc files in this folder govern. Relative to the working directory. Default: all of them.',
};
const budgets: Field = {
  kind: 'texts',
  description: 'Names of budgets, or patterns such as "parser/*". Default: all.',
};

/** The schema of a document with these lists of objects, and whatever else. */
const documentOf = (more: Readonly<Record<string, unknown>> = {}) => ({
  type: 'object',
  properties: {
    version: { const: 1 },
    budgets: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    ...more,
  },
  required: ['version', 'budgets', ...Object.keys(more)],
});

const problems = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      file: { type: 'string' },
      line: { type: 'integer' },
      column: { type: 'integer' },
      message: { type: 'string' },
    },
    required: ['file', 'line', 'column', 'message'],
  },
};

export const definitions: readonly ToolDefinition[] = [
  {
    name: 'perf_budget_check',
    title: 'Check Performance Budgets',
    description:
      'Measures the current code against the old code and says of each performance budget whether it holds, with figures. Call it before you change code that may be hot, to know what holds, and again after every change. Pass the files that you changed to measure only the budgets that they can affect. Unchanged code is not measured again. Takes up to a few seconds a benchmark.',
    fields: {
      budgets,
      files: {
        kind: 'texts',
        description:
          'Only budgets that these files can affect. Relative to the working directory. Default: all budgets.',
      },
      against: {
        kind: 'text',
        description:
          'Compare with this revision or captured baseline, such as "main...". Default: the baseline of each budget.',
      },
      folder,
    },
    runsCode: true,
    doing: () => l10n.t('Checking performance budgets'),
    output: documentOf({
      verdict: { enum: ['pass', 'warn', 'undecided', 'fail', 'error'] },
      elapsedMs: { type: 'number' },
      problems,
    }),
  },
  {
    name: 'perf_budget_explain',
    title: 'Explain a Performance Regression',
    description:
      'Finds out which functions and lines made a budget slower or faster, old code against new, with the cost of each line and what V8 reports. Call it when perf_budget_check says that a budget is broken, before you change anything. Without names it explains what is broken, else what differs.',
    fields: {
      budgets: {
        ...budgets,
        description: 'Names of budgets, or patterns. Default: what is broken, else what differs.',
      },
      from: { kind: 'text', description: 'The old code: a revision or captured baseline. Default: the baseline.' },
      to: { kind: 'text', description: 'The new code: a revision. Default: the working tree.' },
      folder,
    },
    runsCode: true,
    doing: () => l10n.t('Explaining a performance regression'),
    output: documentOf({ problems }),
  },
  {
    name: 'perf_budget_history',
    title: 'Read the History of a Performance Budget',
    description:
      'Reads the last runs of a performance budget, newest first: when, at which commit, the time, the change and the verdict. Runs nothing. Without a name it reads the last run of each budget.',
    fields: {
      budget: { kind: 'text', description: 'The name of a budget. Default: the last run of each.' },
      limit: { kind: 'count', description: 'How many runs of the budget. Default: 20.' },
      folder,
    },
    runsCode: false,
    doing: () => l10n.t('Reading the history of performance budgets'),
    output: documentOf(),
  },
  {
    name: 'perf_budget_list',
    title: 'List Performance Budgets and Benchmarks',
    description:
      'Lists the performance budgets with their checks, the code that they are about and their last verdict, and the benchmarks with the budgets that they have. Runs nothing. Call it to find out whether code that you are about to change has a budget.',
    fields: { folder },
    runsCode: false,
    doing: () => l10n.t('Listing performance budgets'),
    output: documentOf({
      benchmarks: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      problems,
    }),
  },
  {
    name: 'perf_budget_propose',
    title: 'Propose a Performance Budget',
    description:
      'Returns text for perf-budget.jsonc and writes nothing. For benchmarks without a budget it loads the bench files, calls each benchmark once and proposes entries. For a budget that was measured it proposes a limit on its time from what was measured. Without a perf-budget.jsonc it proposes the whole file.',
    fields: {
      benchmark: {
        kind: 'text',
        description: 'The name of a benchmark or of a budget. Default: every benchmark that has no budget.',
      },
      folder,
    },
    runsCode: true,
    doing: () => l10n.t('Proposing performance budgets'),
    output: documentOf({ text: { type: 'string' } }),
  },
];

export const definitionOf = (name: string): ToolDefinition | undefined => definitions.find((one) => one.name === name);

const typeOf: Readonly<Record<Field['kind'], Readonly<Record<string, unknown>>>> = {
  texts: { type: 'array', items: { type: 'string' } },
  text: { type: 'string' },
  count: { type: 'integer', minimum: 1, maximum: 10_000 },
};

/** Returns the JSON Schema of what a tool takes. */
export const inputSchema = ({ fields }: ToolDefinition) => ({
  type: 'object' as const,
  properties: Object.fromEntries(
    Object.entries(fields).map(([name, { kind, description }]) => [name, { ...typeOf[kind], description }]),
  ),
  additionalProperties: false,
});

/** Reads what a caller gave. The error is a sentence. */
export function readInput({ name: tool, fields }: ToolDefinition, given: unknown): Result<Input, string> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return err(`${tool} takes an object with ${Object.keys(fields).join(', ')}.`);
  }
  const read: Record<string, string | number | readonly string[]> = {};
  for (const [name, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      const near = closest(name, Object.keys(fields));
      const fix = near === null ? `It takes ${Object.keys(fields).join(', ')}.` : `Did you mean "${near}"?`;
      return err(`${tool} takes no "${name}". ${fix}`);
    }
    if (value === null || value === undefined || value === '') continue;
    const found = valueOf(field.kind, value);
    if (found === null) return err(`"${name}" of ${tool} must be ${words[field.kind]}.`);
    if (typeof found !== 'object' || found.length > 0) read[name] = found;
  }
  return ok(read);
}

const words: Readonly<Record<Field['kind'], string>> = {
  texts: 'a list of texts, such as ["parse"]',
  text: 'a text',
  count: 'a whole number from 1 to 10,000',
};

function valueOf(kind: Field['kind'], value: unknown): string | number | readonly string[] | null {
  if (kind === 'count')
    return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 10_000 ? Number(value) : null;
  if (typeof value === 'string') return kind === 'text' ? value : [value];
  const isTexts = Array.isArray(value) && value.every((one) => typeof one === 'string');
  return kind === 'texts' && isTexts ? value.filter((one) => one !== '') : null;
}
