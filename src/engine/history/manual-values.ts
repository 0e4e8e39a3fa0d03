import * as l10n from '@vscode/l10n';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import type { Budget } from '../../core/language/budget.js';
import type { Recorded } from '../../core/judge/manual.js';
import { isComparable, readQuantity, skipSpaces } from '../../core/language/quantity.js';
import { err, ok, type Result } from '../../core/result.js';
import { writeAtomically } from '../util/atomic-write.js';
import { recordsFile } from '../../core/config/file-names.js';
import { isDay } from '../../core/config/day.js';

/** `value` is the text that was recorded, such as `0.8%/h`. */
const schema = v.object({ value: v.string(), at: v.pipe(v.string(), v.check(isDay)), by: v.exactOptional(v.string()) });

/** One figure as it stands in the file. */
export type FiguredRecord = Readonly<v.InferOutput<typeof schema>>;

export type Records = ReadonlyMap<string, FiguredRecord>;

/** Returns the newest figure of each `manual` budget by its name, or one sentence that says why they cannot be read. */
export async function readRecords(root: string): Promise<Result<Records, string>> {
  let text: string;
  try {
    text = await readFile(path.join(root, recordsFile), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ok(new Map());
    return err(l10n.t`${recordsFile} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    const conflict = /^<{7} /m.test(text)
      ? l10n.t`${recordsFile} has a merge conflict: keep one line per budget`
      : l10n.t`${recordsFile} is not valid JSON`;
    return err(`${conflict}.`);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    return err(l10n.t`${recordsFile} is not a JSON object.`);
  const records = new Map<string, FiguredRecord>();
  for (const [name, record] of Object.entries(json)) {
    if (!v.is(schema, record)) {
      const shape = '{ "value": "0.8%/h", "at": "2026-11-21", "by": "Ada" }';
      return err(l10n.t`${recordsFile}: "${name}" must look like ${shape}.`);
    }
    records.set(name, record);
  }
  return ok(records);
}

/** Returns a budget's figure in the base unit, null if none was recorded, or one sentence that says what is wrong with it. */
export function recordedFor(budget: Budget, records: Records): Result<Recorded | null, string> {
  const record = records.get(budget.name);
  if (record === undefined) return ok(null);
  const value = valueOf(budget, record.value);
  return value.ok ? ok({ value: value.value, at: record.at, by: record.by ?? '' }) : value;
}

/** Returns the value of a text in the base unit: `0.8` in the budget's unit, or `0.8%/h` in one comparable with it. */
export function valueOf({ name, subject }: Budget, text: string): Result<number, string> {
  if (subject.kind !== 'manual') return err(l10n.t`"${name}" is measured, so it cannot be recorded by hand.`);
  const parsed = readQuantity(text, skipSpaces(text, 0), 'free');
  if (!parsed.ok) return err(`"${name}": ${parsed.error.message}`);
  const { value, unit, range } = parsed.value;
  if (skipSpaces(text, range.end) < text.length)
    return err(l10n.t`"${name}": ${text} is not a single value such as 0.8.`);
  if (unit === null) return ok(value * subject.unit.scale);
  if (isComparable(unit, subject.unit)) return ok(value);
  return err(l10n.t`"${name}" is recorded in ${subject.unit.symbol || l10n.t('plain numbers')}, but ${text} is not.`);
}

/**
 * Keeps a figure in place of the budget's older one. The file has one line per budget, sorted by name, so that git can merge
 * the figures of different budgets; it is written whole or not at all.
 */
export async function keepRecord(root: string, name: string, record: FiguredRecord): Promise<Result<null, string>> {
  const known = await readRecords(root);
  if (!known.ok) return known;
  const records = [...new Map(known.value).set(name, record)].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = records.map(([key, { value, at, by }]) => {
    const fields = Object.entries({ value, at, ...(by !== undefined && { by }) });
    const written = fields.map(([field, content]) => `${JSON.stringify(field)}: ${JSON.stringify(content)}`);
    return `  ${JSON.stringify(key)}: { ${written.join(', ')} }`;
  });
  try {
    await writeAtomically(path.join(root, recordsFile), `{\n${lines.join(',\n')}\n}\n`);
    return ok(null);
  } catch (error) {
    return err(l10n.t`${recordsFile} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
