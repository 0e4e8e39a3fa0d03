import * as v from 'valibot';
import { err, ok, type Result } from '../../result.js';
import { interval } from '../../stats/interval.js';
import { mean, percentile, percentileInterval } from '../../stats/stats.js';

/** A number from another tool, with its interval if the tool says enough for one. */
export interface Figure {
  readonly value: number;
  /** `ns`, `1/s` or `B`; for a metric that only the tool knows, the tool's own unit, empty if it has none. */
  readonly unit: string;
  readonly low?: number;
  readonly high?: number;
  /** The number of observations behind it. */
  readonly samples?: number;
}

/** One benchmark in another tool's output. */
export interface ReadBenchmark {
  /** Its path, `suite/case`; empty if the output does not name it. */
  readonly name: string;
  /** Keyed as `metricKey` spells them; a metric that only the tool knows keeps its name. */
  readonly metrics: Readonly<Record<string, Figure>>;
}

/** One run from an imported file. */
export interface ImportedRun {
  /** Milliseconds since the epoch; null if the format does not say. */
  readonly at: number | null;
  readonly commit: string | null;
  readonly benchmarks: readonly ReadBenchmark[];
}

/** Names the benchmarks of a command: a single one gets the command's name, each of several is `command/…`. */
export function commandBenchmarks(command: string, benchmarks: readonly ReadBenchmark[]): readonly ReadBenchmark[] {
  const [only] = benchmarks;
  if (only !== undefined && benchmarks.length === 1) return [{ ...only, name: command }];
  return benchmarks.map((one) => ({ ...one, name: one.name === '' ? command : `${command}/${one.name}` }));
}

/** At least one benchmark, or one sentence that says why there is none. */
export type Reading = Result<readonly ReadBenchmark[], string>;

/** Turns the output of another tool into benchmarks. */
export type Reader = (output: Output) => Reading;

/** What a tool wrote. It is read as JSON once, however many readers try. */
export class Output {
  #json: Result<unknown, string> | null = null;

  constructor(readonly text: string) {}

  /** The JSON in it, even after other lines (a build tool's output). The error is one sentence. */
  get json(): Result<unknown, string> {
    return (this.#json ??= parseJson(this.text));
  }
}

export const ns = { s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1, min: 6e10 } as const;

/** A finite number. Many tools write NaN if there is no value (the deviation of one run); only `maybe` accepts that. */
export const number = v.pipe(v.number(), v.finite());
const loose = v.union([v.number(), v.null(), v.literal('NaN'), v.literal('Infinity'), v.literal('-Infinity')]);
/** A number that may be missing, null or not finite; then it is undefined. */
export const maybe = v.optional(
  v.pipe(
    loose,
    v.transform((value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)),
  ),
);
/** A list of numbers that may be missing. */
export const samples = v.optional(v.array(number));

/** Plain words for valibot's names of the kinds of values. */
const forms: Readonly<Record<string, string>> = {
  ...{ Array: 'a list', Object: 'an object', string: 'a string', number: 'a number', null: 'null' },
  ...{ '"NaN"': 'NaN', '"Infinity"': 'Infinity', '"-Infinity"': '-Infinity' },
};

/** Reads JSON of one shape. The error is one sentence. */
export function parse<T>(schema: v.GenericSchema<unknown, T>, { json }: Output): Result<T, string> {
  if (!json.ok) return json;
  const parsed = v.safeParse(schema, json.value, { abortEarly: true });
  if (parsed.success) return ok(parsed.output);
  let issue: v.BaseIssue<unknown> = parsed.issues[0];
  let path = v.getDotPath(issue);
  // If several forms are allowed, the first one says what is wrong.
  while (issue.issues !== undefined) {
    [issue] = issue.issues;
    path = [path, v.getDotPath(issue)].filter((part) => part !== null).join('.');
  }
  const what = path === null || path === '' ? 'The output' : `"${brief(path)}"`;
  if (issue.received === 'undefined') return err(`${what} is missing.`);
  return err(
    `${what} is ${forms[issue.received] ?? brief(issue.received)}, not ${forms[issue.expected ?? ''] ?? 'a number'}.`,
  );
}

function parseJson(text: string): Result<unknown, string> {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (trimmed === '') return err('There is no output.');
  const whole = tryJson(trimmed);
  if (whole.ok) return whole;
  const start = /^[[{]/m.exec(trimmed)?.index;
  if (start === undefined) return err(`The output is not JSON: it begins with ${shown(trimmed)}.`);
  const end = Math.max(trimmed.lastIndexOf('}\n'), trimmed.lastIndexOf(']\n'));
  const behind = tryJson(trimmed.slice(start));
  const between = behind.ok ? behind : tryJson(trimmed.slice(start, end + 1));
  if (between.ok) return between;
  return err(/[}\]]$/.test(trimmed) ? 'The output is not valid JSON.' : 'The output is cut off: its JSON never ends.');
}

function tryJson(text: string): Result<unknown, null> {
  try {
    return ok(JSON.parse(text));
  } catch {
    try {
      // Writers in Python and C++ use NaN and Infinity, which JSON lacks; inside strings they stay as they are. A string that
      // never ends is taken whole, or each quotation mark in it would be tried as the start of another.
      const quoted = text.replaceAll(
        /("[^"\\]*(?:\\[^]?[^"\\]*)*(?:"|$))|-?\b(?:NaN|nan|Infinity|inf)\b/g,
        (all, string) => (string === undefined ? `"${all.replace('nan', 'NaN').replace(/inf$/, 'Infinity')}"` : all),
      );
      return quoted === text ? err(null) : ok(JSON.parse(quoted));
    } catch {
      return err(null);
    }
  }
}

const shown = (text: string): string => JSON.stringify(text.split('\n', 1)[0]?.slice(0, 40) ?? '');

/** A part of a message: of a long text from a file only the start. */
export const brief = (text: string): string => (text.length > 100 ? `${text.slice(0, 100)}…` : text);

/** Returns the metrics that have a figure. */
export function metrics(all: Readonly<Record<string, Figure | undefined>>): ReadBenchmark['metrics'] {
  const known: Record<string, Figure> = {};
  for (const [key, figure] of Object.entries(all)) if (figure !== undefined) known[key] = figure;
  return known;
}

/** Returns `value` times `scale` in a unit; undefined if there is no finite value. */
export function figure(
  value: number | undefined,
  unit: string,
  scale = 1,
  more: {
    readonly low?: number | undefined;
    readonly high?: number | undefined;
    readonly samples?: number | undefined;
  } = {},
): Figure | undefined {
  if (value === undefined || !Number.isFinite(value * scale)) return undefined;
  const { samples } = more;
  const [low, high] = [(more.low ?? NaN) * scale, (more.high ?? NaN) * scale];
  return {
    value: value * scale,
    unit,
    ...(Number.isFinite(low) && Number.isFinite(high) && { low, high }),
    ...(samples !== undefined && { samples }),
  };
}

/** The normal deviate of a 99% interval. */
const z = 2.576;

/** Returns the ends of the interval of a mean; none if its standard error is unknown. */
export const around = (value: number | undefined, error: number | undefined): { low?: number; high?: number } =>
  value === undefined || error === undefined ? {} : { low: value - z * error, high: value + z * error };

/** Turns a time in `ns` into a rate in `1/s`; the ends of its interval swap places. */
export function rateOf(time: Figure | undefined): Figure | undefined {
  if (time === undefined || !(time.value > 0)) return undefined;
  const { low, high, samples } = time;
  const ends = low !== undefined && high !== undefined && low > 0 ? { low: 1e9 / high, high: 1e9 / low } : {};
  return figure(1e9 / time.value, '1/s', 1, { ...ends, samples });
}

/** Turns a rate in `1/s` into a time in `ns`. */
export function timeOf(rate: Figure | undefined): Figure | undefined {
  const time = rateOf(rate);
  return time && { ...time, unit: 'ns' };
}

const percentiles = [75, 90, 95, 99, 99.5, 99.9];

/** Returns the metrics of single runs, in nanoseconds after `scale`; null if there are none. One run has no mean interval. */
export function distribution(values: readonly number[] | undefined, scale: number): ReadBenchmark['metrics'] | null {
  if (values === undefined || values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const count = { samples: sorted.length };
  const at = (p: number): Figure | undefined =>
    figure(percentile(sorted, p), 'ns', scale, { ...percentileInterval(sorted, p, z), ...count });
  const average = mean(sorted);
  const variance = sorted.reduce((sum, value) => sum + (value - average) ** 2, 0) / (sorted.length - 1);
  const ends = sorted.length < 2 ? {} : around(average, Math.sqrt(variance / sorted.length));
  return metrics({
    time: at(50),
    throughput: rateOf(at(50)),
    mean: figure(average, 'ns', scale, { ...ends, ...count }),
    median: at(50),
    min: figure(sorted[0], 'ns', scale, count),
    max: figure(sorted.at(-1), 'ns', scale, count),
    ...Object.fromEntries(percentiles.map((p) => [`p${p}`, at(p)])),
  });
}

/** Nobody repeats a run more often; the interval takes a while for each. */
const mostRepeated = 10_000;

/**
 * Combines the values of several runs into one figure. Times and rates get the centre and the interval that the engine's own
 * processes would have; anything else, or a value of 0 or less, gives the mean, from the least to the greatest.
 */
export function repeated(values: readonly number[], unit: string): Figure | undefined {
  const [first] = values;
  if (first === undefined || values.length === 1) return figure(first, unit);
  const samples = values.length;
  const isRatio = unit === 'ns' || unit.endsWith('/s');
  if (!isRatio || values.length > mostRepeated || values.some((value) => value <= 0)) {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return figure(mean(values), unit, 1, { low, high, samples });
  }
  const { ratio, low, high } = interval(values.map(Math.log));
  return figure(ratio, unit, 1, { low, high, samples });
}

/** Returns the id of a commit; null if the text is something else, such as a branch. */
export const commitOf = (text: string): string | null => (/^[0-9a-f]{4,64}$/.test(text) ? text : null);

/** Joins the parts of a benchmark's path that are not empty. */
export const pathOf = (...parts: readonly (string | null | undefined)[]): string =>
  parts.filter((part) => part !== null && part !== undefined && part !== '').join('/');

/** Returns the benchmarks that have metrics; if none has, the error is `failed`. */
export function some(benchmarks: readonly ReadBenchmark[], failed?: string): Reading {
  const measured = benchmarks.filter((one) => Object.keys(one.metrics).length > 0);
  if (measured.length > 0) return ok(measured);
  return err(failed ?? 'The output has no benchmarks.');
}
