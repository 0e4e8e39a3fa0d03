import * as v from 'valibot';
import { figure, metrics, number, parse, rateOf, some, type Output, type Reading } from './reader.js';

const estimate = v.object({
  point_estimate: number,
  confidence_interval: v.object({ lower_bound: number, upper_bound: number }),
});
const schema = v.object({ mean: estimate, median: estimate, std_dev: estimate, slope: v.nullish(estimate) });

/** Reads an `estimates.json` of criterion (Rust), in nanoseconds; it does not name its benchmark. */
export function readCriterion(output: Output): Reading {
  const parsed = parse(schema, output);
  if (!parsed.ok) return parsed;
  const { mean, median, slope } = parsed.value;
  const of = ({ point_estimate: value, confidence_interval: ends }: v.InferOutput<typeof estimate>) =>
    figure(value, 'ns', 1, { low: ends.lower_bound, high: ends.upper_bound });
  // What criterion itself prints: the slope if the samples differ in length, otherwise the mean.
  const time = of(slope ?? mean);
  return some([{ name: '', metrics: metrics({ time, throughput: rateOf(time), mean: of(mean), median: of(median) }) }]);
}
