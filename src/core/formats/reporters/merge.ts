import * as v from 'valibot';
import { documentSchema } from '../../results/kept.js';
import { err, ok, type Result } from '../../result.js';
import { worstOf, type CheckDocument } from './document.js';

/** Reads the output of `check --json`. The error is one sentence. */
export function readDocument(text: string): Result<CheckDocument, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err(
      text.trim() === ''
        ? 'the file is empty.'
        : 'it is not valid JSON. Was it cut off? perf-budget check --json writes it.',
    );
  }
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : null;
  if (typeof version === 'number' && version !== 1) {
    return err(`its version is ${version}, but this perf-budget reads only version 1.`);
  }
  const parsed = v.safeParse(documentSchema, value, { abortEarly: true });
  if (parsed.success) return ok(parsed.output);
  const path = v.getDotPath(parsed.issues[0])?.slice(0, 100);
  // Something that is no report at all lacks everything.
  const where = path?.includes('.') === true ? ` ("${path}" is not as it writes it)` : '';
  return err(`it is not a report of perf-budget check --json${where}.`);
}

/** Merges several documents into one: all shards of one run, or different runs. The error is one sentence. */
export function mergeDocuments(
  all: readonly { readonly file: string; readonly document: CheckDocument }[],
): Result<CheckDocument, string> {
  const [first] = all;
  if (first === undefined) return err('There is nothing to merge.');
  const missing = missingShards(all);
  if (missing !== null) return err(missing);
  const documents = all.map(({ document }) => document);
  // A document without budgets was compared with nothing.
  const asked = documents.filter(({ budgets }) => budgets.length > 0);
  const { baseline, machine } = asked[0] ?? first.document;
  const isSame = asked.every(
    (one) => one.baseline?.name === baseline?.name && one.baseline?.commit === baseline?.commit,
  );
  const unchecked = documents.flatMap((one) => one.unchecked ?? []);
  const problems = new Map(documents.flatMap((one) => one.problems).map((one) => [JSON.stringify(one), one]));
  return ok({
    version: 1,
    verdict: worstOf(documents.map(({ verdict }) => verdict)),
    // Shards run at the same time, so the wait is as long as the longest.
    elapsedMs: Math.max(...documents.map(({ elapsedMs }) => elapsedMs)),
    baseline: isSame ? baseline : null,
    ...(asked.length > 0 && asked.every(({ unchanged }) => unchanged === true) && { unchanged: true as const }),
    machine,
    budgets: documents.flatMap((one) => {
      const against = isSame || one.baseline === null ? {} : { against: one.baseline.name };
      return one.budgets.map((budget) => ({ ...budget, ...against }));
    }),
    problems: [...problems.values()],
    ...(unchecked.length > 0 && { unchecked }),
  });
}

/** Says what is wrong with the shards: one is missing, comes twice, or has another count; null if all is well. */
function missingShards(all: readonly { readonly file: string; readonly document: CheckDocument }[]): string | null {
  const known = new Map<number, string>();
  const [first] = all.flatMap(({ document: { shard } }) => shard ?? []);
  if (first === undefined) return null;
  const { count } = first;
  for (const { file, document } of all) {
    const { shard } = document;
    if (shard === undefined)
      return `${file} is a report of a whole run, but others are shards: merge one or the other.`;
    if (shard.count !== count) return `${file} is a shard of ${shard.count}, but others are shards of ${count}.`;
    const other = known.get(shard.index);
    if (other !== undefined) return `${other} and ${file} are both shard ${shard.index} of ${count}.`;
    known.set(shard.index, file);
  }
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !known.has(index));
  if (missing.length === 0) return null;
  const names = missing.length === 1 ? `Shard ${missing.join('')}` : `Shards ${missing.join(', ')}`;
  const verb = missing.length === 1 ? 'is' : 'are';
  return `${names} of ${count} ${verb} missing. Did that job end before it wrote its --json?`;
}
