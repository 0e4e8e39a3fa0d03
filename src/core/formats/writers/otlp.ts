import { jsonText } from '../../text/escape.js';
import type { WrittenRun } from './run.js';

interface Point {
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
  readonly timeUnixNano: string;
  readonly asDouble: number;
}

/**
 * Writes the runs as one export request of OpenTelemetry metrics, in the JSON of OTLP/HTTP (opentelemetry-proto, metrics/v1):
 * field names in lowerCamelCase, 64-bit integers as strings. Each metric is a gauge; the ends of its interval are two more.
 */
export function writeOtlp(runs: readonly WrittenRun[], version: string): string {
  const gauges = new Map<string, { name: string; unit: string; points: Point[] }>();
  for (const run of runs) {
    const texts = {
      'perf_budget.budget': run.budget,
      'perf_budget.benchmark': run.benchmark,
      'perf_budget.machine': run.machine ?? '',
      'vcs.ref.head.revision': run.dirty ? '' : (run.commit ?? ''),
    };
    const known = Object.entries(texts).filter(([, text]) => text !== '');
    const attributes = known.map(([key, stringValue]) => ({ key, value: { stringValue } }));
    // Milliseconds plus six zeros, as text because a number cannot hold that many digits.
    const timeUnixNano = `${Math.round(run.at)}000000`;
    for (const [metric, { value, low, high, unit }] of Object.entries(run.figures)) {
      for (const [end, asDouble] of Object.entries({ '': value, '.low': low, '.high': high })) {
        if (asDouble === undefined) continue;
        const name = `perf_budget.${metric.replaceAll(/[^\w./-]+/g, '_').slice(0, 200)}${end}`;
        const key = `${name} ${unit}`;
        const gauge = gauges.get(key) ?? { name, unit: ucum(unit), points: [] };
        gauges.set(key, gauge);
        gauge.points.push({ attributes, timeUnixNano, asDouble });
      }
    }
  }
  const metrics = Array.from(gauges.values(), ({ name, unit, points }) => ({
    name,
    unit,
    gauge: { dataPoints: points },
  }));
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'perf-budget' } }] };
  const scope = { name: 'perf-budget', version };
  return `${jsonText({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] })}\n`;
}

const codes: Readonly<Record<string, string>> = {
  ...{ '': '1', '%': '%', ns: 'ns', us: 'us', µs: 'us', ms: 'ms', s: 's', min: 'min', h: 'h', '1/s': '1/s' },
  ...{ B: 'By', KB: 'kBy', kB: 'kBy', MB: 'MBy', GB: 'GBy', KiB: 'KiBy', MiB: 'MiBy', GiB: 'GiBy' },
};

/** Spells a unit in the Unified Code for Units of Measure, which puts counted things in braces: `{frames}`, `{lines}/s`. */
function ucum(unit: string): string {
  const code = Object.hasOwn(codes, unit) ? codes[unit] : undefined;
  if (code !== undefined) return code;
  const counted = /^(.+)\/s$/.exec(unit)?.[1];
  if (counted === undefined) return `{${unit.replaceAll(/[{}]/g, '')}}`;
  return `${ucum(counted)}/s`;
}
