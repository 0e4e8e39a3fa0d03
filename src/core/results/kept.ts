import * as v from 'valibot';
import { severities, type Waiver } from '../language/budget.js';
import type { Comparison, Estimate, Side } from '../stats/estimate.js';
import type { Cause, CauseLine, Explanation, Figure, SlowReason } from './causes.js';
import {
  unknownMachine,
  type Baseline,
  type BudgetResult,
  type CheckResult,
  type Concern,
  type Machine,
  type Measurement,
  type Report,
} from './measurement.js';
import { isTime } from './time.js';

/**
 * The shapes of what was kept, or comes from another machine: a history, a note in git, a report. Anybody may have written it,
 * so nothing of it is used before it was checked here.
 */

/** A schema for each field: one that is forgotten here would be lost whenever it is kept. */
type Fields<T> = Record<keyof T, v.GenericSchema>;

const number = v.pipe(v.number(), v.finite());
const ratio = v.pipe(number, v.minValue(0));
/** Older versions kept sums whose `low` was below 0. */
const comparison = v.object({ ratio, low: number, high: ratio });
const level = v.picklist(['target', 'acceptable', 'limit']);
const verdict = v.picklist(['pass', 'warn', 'fail', 'undecided', 'error']);
const place = { file: v.string(), line: number, column: number };

/** Milliseconds since the epoch. */
export const timeSchema = v.pipe(v.number(), v.check(isTime));

/** A figure with its interval. */
export const intervalSchema = v.object({ value: number, low: number, high: number });

const figure = v.object({ value: number, unit: v.string() } satisfies Fields<Figure>);
const nullableNumber = v.nullable(number);

const cause = v.object({
  kind: v.picklist(['time', 'garbage collection', 'allocated', 'retained']),
  function: v.nullable(v.string()),
  was: v.exactOptional(v.string()),
  callee: v.exactOptional(v.string()),
  package: v.exactOptional(v.string()),
  file: v.nullable(v.string()),
  line: nullableNumber,
  column: nullableNumber,
  text: v.string(),
  changed: v.boolean(),
  baseline: figure,
  current: figure,
  share: number,
  low: number,
  high: number,
  allocated: v.exactOptional(v.object({ baseline: number, current: number })),
  lines: v.exactOptional(
    v.array(
      v.object({
        ...{ line: number, column: number, text: v.string(), share: number, changed: v.boolean() },
      } satisfies Fields<CauseLine>),
    ),
  ),
  reasons: v.exactOptional(
    v.array(
      v.object({
        ...place,
        kind: v.picklist(['deoptimized', 'megamorphic', 'dictionary', 'not optimized']),
        function: v.nullable(v.string()),
        message: v.string(),
      } satisfies Fields<SlowReason>),
    ),
  ),
  retainer: v.exactOptional(v.object({ constructor: v.string(), path: v.array(v.string()) })),
} satisfies Fields<Cause>);

const explanation: v.GenericSchema<unknown, Explanation> = v.object({
  metric: v.picklist(['time', 'allocated', 'retained']),
  baseline: figure,
  current: figure,
  causes: v.array(cause),
  explained: nullableNumber,
  note: v.nullable(v.string()),
} satisfies Fields<Explanation>);

/** As git writes it; histories of other tools abbreviate it. */
export const commitSchema = v.pipe(v.string(), v.regex(/^[0-9a-f]{4,64}$/));

export const baselineSchema: v.GenericSchema<unknown, Baseline> = v.object({
  name: v.string(),
  commit: v.nullable(commitSchema),
} satisfies Fields<Baseline>);

const check = {
  check: v.string(),
  level,
  verdict,
  measured: v.nullable(v.object({ ...intervalSchema.entries, unit: v.string() })),
  bound: v.nullable(v.object({ value: number, unit: v.string() })),
  used: v.nullable(number),
  note: v.nullable(v.string()),
  benchmark: v.exactOptional(v.string()),
  unsettled: v.exactOptional(v.literal(true)),
} satisfies Fields<CheckResult>;

const result = {
  name: v.string(),
  benchmark: v.string(),
  verdict,
  severity: v.nullable(v.picklist(severities)),
  cached: v.boolean(),
  elapsedMs: number,
  samples: number,
  comparison: v.nullable(comparison),
  compared: v.exactOptional(v.picklist(['measured', 'same code', 'nothing'])),
  why: v.exactOptional(v.string()),
  checks: v.array(v.object(check)),
  parts: v.exactOptional(v.array(v.object({ name: v.string(), value: number, unit: v.string() }))),
  message: v.string(),
  note: v.exactOptional(v.string()),
  concerns: v.exactOptional(
    v.array(
      v.object({
        kind: v.picklist(['answer', 'vanished', 'implausible']),
        verdict: v.picklist(['fail', 'undecided', 'warn']),
        message: v.string(),
        benchmark: v.exactOptional(v.string()),
      } satisfies Fields<Concern>),
    ),
  ),
  causes: v.exactOptional(v.array(cause)),
  causesNote: v.exactOptional(v.string()),
  failure: v.exactOptional(v.object(place)),
  waived: v.exactOptional(v.object({ until: v.string(), reason: v.string() } satisfies Fields<Waiver>)),
} satisfies Fields<BudgetResult>;

export const budgetResultSchema = v.object(result) satisfies v.GenericSchema<unknown, BudgetResult>;

/** Older versions did not know everything of a machine. */
export const machineSchema: v.GenericSchema<unknown, Machine> = v.object({
  cpu: v.optional(v.string(), unknownMachine.cpu),
  cores: v.optional(number, unknownMachine.cores),
  os: v.optional(v.string(), unknownMachine.os),
  node: v.optional(v.string(), unknownMachine.node),
  power: v.optional(v.nullable(v.picklist(['mains', 'battery'])), unknownMachine.power),
  governor: v.optional(v.nullable(v.string()), unknownMachine.governor),
  virtual: v.optional(v.nullable(v.boolean()), unknownMachine.virtual),
  memory: v.optional(number, unknownMachine.memory),
} satisfies Fields<Machine>);

const estimate = v.object({
  ...intervalSchema.entries,
  ...{ samples: number, unit: v.exactOptional(v.string()) },
} satisfies Fields<Estimate>);
const side = v.object({ metrics: v.record(v.string(), estimate) } satisfies Fields<Side>);

export const measurementSchema: v.GenericSchema<unknown, Measurement> = v.object({
  benchmark: v.string(),
  current: side,
  baseline: v.nullable(side),
  comparison: v.nullable(
    v.object({
      ...{ ratio, low: ratio, high: ratio, processes: number, clock: v.picklist(['cpu', 'wall']) },
    } satisfies Fields<Comparison>),
  ),
  samples: number,
  elapsedMs: number,
  unsettled: v.exactOptional(v.boolean()),
  empty: v.exactOptional(v.boolean()),
  disturbed: v.exactOptional(v.boolean()),
  answers: v.exactOptional(
    v.variant('kind', [
      v.object({ kind: v.picklist(['same', 'varies', 'nothing']) }),
      v.object({
        kind: v.literal('other'),
        ...{ call: number, path: v.string(), current: v.string(), baseline: v.string() },
      }),
      v.object({ kind: v.literal('failed'), why: v.string() }),
      v.object({ kind: v.literal('opaque'), what: v.string() }),
    ]),
  ),
  unmeasured: v.exactOptional(v.boolean()),
  at: v.exactOptional(timeSchema),
  notCompared: v.exactOptional(v.string()),
  mayPass: v.exactOptional(v.literal(true)),
  unseen: v.exactOptional(v.string()),
  explanation: v.exactOptional(explanation),
  note: v.nullable(v.string()),
} satisfies Fields<Measurement>);

const placed = v.looseObject(place);

/** The output of `check --json`, also of a later version that says more. */
export const documentSchema = v.looseObject({
  version: v.literal(1),
  verdict,
  elapsedMs: number,
  baseline: v.nullable(baselineSchema),
  unchanged: v.exactOptional(v.literal(true)),
  machine: machineSchema,
  budgets: v.array(
    v.looseObject({
      ...result,
      checks: v.array(v.looseObject({ ...check, place: v.exactOptional(placed) })),
      place: v.exactOptional(placed),
      written: v.exactOptional(placed),
      tags: v.exactOptional(v.array(v.string())),
      against: v.exactOptional(v.string()),
    }),
  ),
  problems: v.array(v.looseObject({ ...place, message: v.string(), warning: v.exactOptional(v.literal(true)) })),
  shard: v.exactOptional(v.object({ index: count(), count: count() })),
  unchecked: v.exactOptional(v.array(v.string())),
} satisfies Fields<Report & Record<'shard' | 'unchecked', unknown>>);

function count() {
  return v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100_000));
}
