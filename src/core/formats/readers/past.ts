import * as v from 'valibot';
import { err, ok, type Result } from '../../result.js';
import { readDate } from '../../config/day.js';
import { isTime } from '../../results/time.js';
import { readCsv } from './csv.js';
import { read } from './index.js';
import type { ImportName } from './import-names.js';
import type { ReaderName } from '../../language/reader-names.js';
import { Output, parse, type ImportedRun } from './reader.js';
import { isStore, readStore } from './store.js';

/** Reads the runs in a file, oldest first if it has their times. The error is one or two sentences. */
export function readPast(format: ImportName, text: string): Result<readonly ImportedRun[], string> {
  if (format === 'csv') return sorted(readCsv(text));
  if (format === 'github-action-benchmark' && isStore(text)) return sorted(readStore(text));
  if (isStore(text))
    return err('This is the data.js of github-action-benchmark: use --format github-action-benchmark.');
  const reading = read(format, text, (other) => `use --format ${other}`);
  return reading.ok ? ok([{ ...aboutOf(format, new Output(text)), benchmarks: reading.value }]) : reading;
}

function sorted(pasts: Result<readonly ImportedRun[], string>): Result<readonly ImportedRun[], string> {
  return pasts.ok ? ok(pasts.value.toSorted((a, b) => (a.at ?? 0) - (b.at ?? 0))) : pasts;
}

const date = v.optional(v.nullable(v.union([v.string(), v.number()])));
const about = v.object({
  datetime: date,
  startTime: date,
  context: v.optional(v.object({ date })),
  commit_info: v.optional(
    v.object({ id: v.optional(v.nullable(v.string())), dirty: v.optional(v.nullable(v.boolean())) }),
  ),
});

/** Returns the time and the commit of a run, if the tool records them: pytest-benchmark, google-benchmark, vitest 5. */
function aboutOf(format: ReaderName, output: Output): Pick<ImportedRun, 'at' | 'commit'> {
  if (format === 'go') return { at: null, commit: null };
  const parsed = parse(about, output);
  if (!parsed.ok) return { at: null, commit: null };
  const { datetime, startTime, context, commit_info: info } = parsed.value;
  const written = datetime ?? startTime ?? context?.date ?? NaN;
  const at = typeof written === 'number' ? Math.round(written) : readDate(inUtc(written));
  const id = info?.dirty === true ? undefined : info?.id;
  return {
    at: at !== null && isTime(at) ? at : null,
    commit: id !== undefined && /^[0-9a-f]{40,64}$/.test(id ?? '') ? id : null,
  };
}

/** pytest-benchmark writes UTC without saying so. */
const inUtc = (date: string): string => (/T[\d:.]+$/.test(date) ? `${date}Z` : date);
