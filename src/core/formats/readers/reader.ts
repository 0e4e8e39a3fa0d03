import * as v from 'valibot';
import { err, ok, type Result } from '../../result.js';
import { interval } from '../../stats/interval.js';
import { mean, percentile, percentileInterval } from '../../stats/stats.js';

/** A number that another tool found, with its 99% interval where the tool says enough for one. */
export interface Figure {
  readonly value: number;
  /** `ns`, `1/s` or `B`; of a metric that only the tool knows whatever it says, empty where it says nothing. */
  readonly unit: string;
  readonly low?: number;
  readonly high?: number;
  /** How many observations stand behind it. */
  readonly samples?: number;
}

/** One benchmark in another tool's output. */
export interface ReadBenchmark {
  /** Its path, `suite/case`; empty where the output does not name it. */
  readonly name: string;
  /** Keyed as `metricKey` spells them; a metric that only the tool knows under the name that it has there. */
  readonly metrics: Readonly<Record<string, Figure>>;
}

/** One run in a file that was written elsewhere. */
export interface ImportedRun {
  /** Milliseconds since the epoch; null where the format does not say. */
  readonly at: number | null;
  readonly commit: string | null;
  readonly benchmarks: readonly ReadBenchmark[];
}

/** The only benchmark of a command is called as the command; of several each is `command/…`. */
export function commandBenchmarks(command: string, benchmarks: readonly ReadBenchmark[]): readonly ReadBenchmark[] {
  const [only] = benchmarks;
  if (only !== undefined && benchmarks.length === 1) return [{ ...only, name: command }];
  return benchmarks.map((one) => ({ ...one, name: one.name === '' ? command : `${command}/${one.name}` }));
}

/** At least one benchmark, or one sentence that says why there is none. */
export type Reading = Result<readonly ReadBenchmark[], string>;

/** Turns the output of another tool into benchmarks. */
export type Reader = (text: string) => Reading;

export const ns = { s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1, min: 6e10 } as const;

/** A finite number. What no number can stand for (a deviation of one run) is NaN in many tools, and read as such. */
export const number = v.pipe(v.number(), v.finite());
const loose = v.union([v.number(), v.null(), v.literal('NaN'), v.literal('Infinity'), v.literal('-Infinity')]);
/** A number that may be missing, or be none: undefined then. */
export const maybe = v.optional(
  v.pipe(
    loose,
    v.transform((value) => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)),
  ),
);
/** A number and a list of such. */
export const samples = v.optional(v.array(number));

/** What valibot calls the kinds of values. */
const forms: Readonly<Record<string, string>> = {
  ...{ Array: 'a list', Object: 'an object', string: 'a string', number: 'a number', null: 'null' },
  ...{ '"NaN"': 'NaN', '"Infinity"': 'Infinity', '"-Infinity"': '-Infinity' },
};

/** Reads JSON of one shape, also behind other lines (what a build tool prints first). */
export function parse<T>(schema: v.GenericSchema<unknown, T>, text: string): Result<T, string> {
  const json = parseJson(text);
  if (!json.ok) return json;
  const parsed = v.safeParse(schema, json.value, { abortEarly: true });
  if (parsed.success) return ok(parsed.output);
  let issue: v.BaseIssue<unknown> = parsed.issues[0];
  let path = v.getDotPath(issue);
  // Of what may have several forms, the first says what is wrong.
  while (issue.issues !== undefined) {
    [issue] = issue.issues;
    path = [path, v.getDotPath(issue)].filter((part) => part !== null).join('.');
  }
  const what = path === null || path === '' ? 'The output' : `"${path}"`;
  if (issue.received === 'undefined') return err(`${what} is missing.`);
  return err(
    `${what} is ${forms[issue.received] ?? issue.received}, not ${forms[issue.expected ?? ''] ?? 'a number'}.`,
  );
}

export function parseJson(text: string): Result<unknown, string> {
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
      // Python's and C++'s writers put down what JSON has no word for; in a string it stays what it is.
      const quoted = text.replaceAll(/("(?:[^"\\]|\\.)*")|-?\b(?:NaN|nan|Infinity|inf)\b/g, (all, string) =>
        string === undefined ? `"${all.replace('nan', 'NaN').replace(/inf$/, 'Infinity')}"` : all,
      );
      return ok(JSON.parse(quoted));
    } catch {
      return err(null);
    }
  }
}

const shown = (text: string): string => JSON.stringify(text.split('\n', 1)[0]?.slice(0, 40) ?? '');

/** Metrics whose values are there. */
export function metrics(all: Readonly<Record<string, Figure | undefined>>): ReadBenchmark['metrics'] {
  const known: Record<string, Figure> = {};
  for (const [key, figure] of Object.entries(all)) if (figure !== undefined) known[key] = figure;
  return known;
}

/** `value` times `scale` in a unit, or nothing where there is no value. */
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
  const { low, high, samples } = more;
  return {
    value: value * scale,
    unit,
    ...(low !== undefined && high !== undefined && { low: low * scale, high: high * scale }),
    ...(samples !== undefined && { samples }),
  };
}

/** Normal deviate of a 99% interval. */
const z = 2.576;

/** The ends of the interval of a mean; none where its standard error is not known. */
export const around = (value: number | undefined, error: number | undefined): { low?: number; high?: number } =>
  value === undefined || error === undefined ? {} : { low: value - z * error, high: value + z * error };

/** The rate of a time: its interval turned over. */
export function rateOf(time: Figure | undefined): Figure | undefined {
  if (time === undefined || !(time.value > 0)) return undefined;
  const { low, high, samples } = time;
  const ends = low !== undefined && high !== undefined && low > 0 ? { low: 1e9 / high, high: 1e9 / low } : {};
  return figure(1e9 / time.value, '1/s', 1, { ...ends, samples });
}

/** The time of a rate. */
export function timeOf(rate: Figure | undefined): Figure | undefined {
  const time = rateOf(rate);
  return time && { ...time, unit: 'ns' };
}

const percentiles = [75, 90, 95, 99, 99.5, 99.9];

/** The distribution of single runs, in nanoseconds after `scale`; of one run as much as one run says. Null of none. */
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

/** One figure of several runs, each with its own: their middle, and the interval that the engine's own processes would have. */
export function repeated(values: readonly number[], unit: string): Figure | undefined {
  const [first] = values;
  if (first === undefined || values.length === 1) return figure(first, unit);
  const samples = values.length;
  const isRatio = unit === 'ns' || unit.endsWith('/s');
  if (!isRatio || values.some((value) => value <= 0)) {
    return figure(mean(values), unit, 1, { low: Math.min(...values), high: Math.max(...values), samples });
  }
  const { ratio, low, high } = interval(values.map(Math.log));
  return figure(ratio, unit, 1, { low, high, samples });
}

/** What a benchmark is called: its path without what is empty. */
export const pathOf = (...parts: readonly (string | null | undefined)[]): string =>
  parts.filter((part) => part !== null && part !== undefined && part !== '').join('/');

/** A reading, where there is anything to read. */
export function some(benchmarks: readonly ReadBenchmark[], failed?: string): Reading {
  const measured = benchmarks.filter((one) => Object.keys(one.metrics).length > 0);
  if (measured.length > 0) return ok(measured);
  return err(failed ?? 'The output has no benchmarks.');
}
