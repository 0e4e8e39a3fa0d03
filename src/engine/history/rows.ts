import type { SQLOutputValue } from 'node:sqlite';
import * as v from 'valibot';
import {
  baselineSchema,
  budgetResultSchema,
  commitSchema,
  intervalSchema,
  machineSchema,
  timeSchema,
} from '../../core/results/kept.js';
import type { NoiseRow } from '../../core/stats/noise.js';
import type { KeptBundle, KeptCapture, KeptRow } from './store.js';

/** A row of the database, whole numbers as `bigint`, because some are too large for a number. */
export type Row = Readonly<Record<string, SQLOutputValue | undefined>>;

/** What was left out because it could not be read; the same row counts once. */
export class Aside {
  readonly runs = new Set<string>();
  readonly baselines = new Set<string>();

  clear(): void {
    this.runs.clear();
    this.baselines.clear();
  }
}

const runSchema = v.object({
  at: timeSchema,
  key: v.string(),
  commit: v.nullable(commitSchema),
  dirty: v.boolean(),
  machine: v.nullable(v.string()),
  baseline: v.nullable(baselineSchema),
  result: budgetResultSchema,
  time: v.nullable(intervalSchema),
});

const captureSchema = v.object({
  name: v.string(),
  commit: v.nullable(commitSchema),
  reason: v.string(),
  at: timeSchema,
  machine: machineSchema,
  current: v.boolean(),
  results: v.array(budgetResultSchema),
});

export const bundleSchema: v.GenericSchema<unknown, KeptBundle> = v.object({
  code: v.string(),
  hash: v.string(),
  used: v.exactOptional(v.string()),
});

const sum = v.pipe(v.number(), v.finite(), v.maxValue(1e12));
const noiseSchema = v.object({
  benchmark: v.string(),
  day: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1e7)),
  kind: v.picklist(['compared', 'same']),
  runs: v.pipe(sum, v.minValue(0)),
  total: v.pipe(sum, v.minValue(-1e12)),
  squares: v.pipe(sum, v.minValue(0)),
  df: v.pipe(sum, v.minValue(0)),
});

/** Returns a run as we would have written it; null if it is not one. */
export function checkedRun(run: unknown): KeptRow | null {
  const parsed = v.safeParse(runSchema, run, { abortEarly: true });
  return parsed.success ? parsed.output : null;
}

export function readRun(row: Row): KeptRow | null {
  const [time, low, high] = [row['time'], row['time_low'], row['time_high']].map(plain);
  const commit = row['commit_id'];
  const run = checkedRun({
    at: plain(row['at']),
    key: row['key'],
    // Older versions imported any text as a commit.
    commit: typeof commit === 'string' && !v.is(commitSchema, commit) ? null : commit,
    dirty: row['dirty'] === 1n,
    // The first version did not know it.
    machine: row['machine'] ?? null,
    baseline: row['baseline'] === null ? null : json(row['baseline']),
    result: json(row['result']),
    time: time === null ? null : { value: time, low, high },
  });
  return run?.result.name.toWellFormed() === row['budget'] ? run : null;
}

export function readCapture(row: Row): KeptCapture | null {
  const parsed = v.safeParse(captureSchema, {
    name: row['name'],
    commit: row['commit_id'],
    reason: row['reason'],
    at: plain(row['at']),
    machine: json(row['machine']),
    current: row['current'] === 1n,
    results: json(row['results']),
  });
  return parsed.success ? parsed.output : null;
}

export function readNoise(row: Row): NoiseRow | null {
  const { benchmark, kind } = row;
  const [day, runs, total, squares, df] = ['day', 'runs', 'total', 'squares', 'df'].map((name) => plain(row[name]));
  const parsed = v.safeParse(noiseSchema, { benchmark, kind, day, runs, total, squares, df });
  return parsed.success ? parsed.output : null;
}

/** Reads JSON of one shape; null if it is something else. */
export function readJson<T>(schema: v.GenericSchema<unknown, T>, text: SQLOutputValue | undefined): T | null {
  const parsed = v.safeParse(schema, json(text), { abortEarly: true });
  return parsed.success ? parsed.output : null;
}

/** A whole number that is too large becomes another that no schema accepts. */
const plain = (value: SQLOutputValue | undefined): unknown => (typeof value === 'bigint' ? Number(value) : value);

function json(text: SQLOutputValue | undefined): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
