import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { newFacts, statementAt, type PlacedFact } from '../../core/cause/slow-facts.js';
import { V8Log, type SlowFact } from '../../core/cause/v8-log.js';
import { outline } from '../../core/outline/index.js';
import { err, ok, type Result } from '../../core/result.js';
import type { SlowReason } from '../../core/results/causes.js';
import { slowReasonWords } from '../../core/text/slow-reason.js';
import type { SideName } from '../../worker/protocol.js';
import { positionsIn, type Position } from '../bundle/positions.js';
import type { Target } from '../measure/target.js';
import { relativeTo, slashed } from '../util/paths.js';
import { temporaryFolder, type TemporaryFolder } from '../util/temporary.js';
import type { Aborted, BenchmarkWorkers } from '../workers/benchmark-workers.js';

export type SlowTarget = Pick<Target, 'name' | 'benchFile' | 'current' | 'baseline' | 'launch'> & {
  readonly settings: Pick<Target['settings'], 'concurrency'>;
};

export interface SlowReasonOptions {
  /** How long each side may warm up, and how long it runs then, in milliseconds. */
  readonly warmMs: number;
  readonly ms: number;
  readonly signal: AbortSignal;
  /** The folder of the configuration, and `dist/worker.js`, whose code does not count. */
  readonly root: string;
  readonly workerPath: string;
  /** Reads a file of the user's current code; null if there is none. */
  readonly read: (file: string) => Promise<string | null>;
  /** The most that the logs of one process may take on disk. */
  readonly mostBytes?: number;
}

/** A process whose logs become larger than this is ended: it has nothing to say that is worth the disk. */
const usualBytes = 64_000_000;
const lookMs = 50;
/** What loading and hooks may take. */
const hangMs = 8000;

/** The map events of the start and the texts of files would be the larger part of the log. */
const flags = ['--log-deopt', '--log-ic', '--log-maps', '--no-log-maps-details', '--prof', '--no-log-source-code'];

/**
 * Runs both sides of a benchmark for a moment, each in a process of its own and both at once, and returns why V8 runs the current
 * code more slowly than the old code, as V8 itself has logged it; of current code without old code, why it runs it slowly. Empty
 * if V8 says nothing, and if it cannot be asked: the code does not run, or other flags keep V8 from writing its log.
 */
export async function slowReasons(
  target: SlowTarget,
  workers: BenchmarkWorkers,
  options: SlowReasonOptions,
): Promise<Result<readonly SlowReason[], Aborted>> {
  const { current, baseline } = target;
  if (current === baseline) return ok([]);
  const ask = (side: SideName, bundle: string): Promise<Side | null> => factsOf(target, side, bundle, workers, options);
  let [now, then] = await Promise.all([ask('current', current), baseline === null ? null : ask('baseline', baseline)]);
  // Its hooks may want a port or a file that the other side had.
  if (now === null && !options.signal.aborted) now = await ask('current', current);
  if (now !== null && then === null && baseline !== null && !options.signal.aborted)
    then = await ask('baseline', baseline);
  if (options.signal.aborted) return err({ kind: 'aborted' });
  if (now === null || (then === null && baseline !== null)) return ok([]);
  return ok(await reasonsOf(newFacts(now.reasons, then?.all ?? []), now.files, options));
}

/** What V8 said of a side: what is a reason, and whatever resembles one. */
interface Side {
  readonly reasons: readonly PlacedFact[];
  readonly all: readonly PlacedFact[];
  readonly files: Files;
}

/** Null if V8 did not tell. */
async function factsOf(
  { name, benchFile, launch, settings }: SlowTarget,
  side: SideName,
  bundle: string,
  workers: BenchmarkWorkers,
  { warmMs, ms, signal, workerPath, mostBytes = usualBytes }: SlowReasonOptions,
): Promise<Side | null> {
  const folder = openFolder();
  if (folder === null) return null;
  const full = new AbortController();
  const over = new AbortController();
  try {
    // In the name, a percent sign stands for the process or the time.
    const logfile = path.join(folder.path, 'v8.log').replaceAll('%', '%%');
    void endIfFull(folder.path, mostBytes, full, over.signal);
    const what = { kind: 'steady', warmMs, sampleMs: ms, concurrency: settings.concurrency } as const;
    const execArgv = [...(launch?.execArgv ?? []), ...flags, `--logfile=${logfile}`];
    const answer = await workers.request(
      {
        ...{ type: 'observe', name, benchFile, side, bundle, what, deadlineMs: warmMs + ms },
        launch: { prelude: launch?.prelude ?? null, execArgv },
      },
      { timeoutMs: 4 * (warmMs + ms) + hangMs, signal: AbortSignal.any([signal, full.signal]) },
    );
    if (!answer.ok || answer.value.type !== 'observed' || answer.value.kind !== 'steady') return null;
    const { iterations } = answer.value;
    const ours = slashed(path.dirname(workerPath));
    const isOwn = (url: string): boolean => fileOf(url)?.startsWith(`${ours}/`) === false;
    for (const file of await readdir(folder.path)) {
      const log = await readLog(path.join(folder.path, file), isOwn);
      const reasons = log.facts({ iterations, all: false });
      const all = log.facts({ iterations, all: true });
      if (reasons === null || all === null) continue;
      const files = new Files(bundle);
      return { reasons: await files.placed(reasons), all: await files.placed(all), files };
    }
    return null;
  } catch {
    // The system took the log away, or its disk is full.
    return null;
  } finally {
    over.abort();
    folder.dispose();
  }
}

function openFolder(): TemporaryFolder | null {
  try {
    return temporaryFolder();
  } catch {
    return null;
  }
}

/** Aborts when the files of a folder become too large. */
async function endIfFull(folder: string, mostBytes: number, full: AbortController, over: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await sleep(lookMs, undefined, { signal: over, ref: false });
      const sizes = await Promise.all((await readdir(folder)).map((file) => stat(path.join(folder, file))));
      if (sizes.reduce((sum, { size }) => sum + size, 0) > mostBytes) full.abort();
    }
  } catch {
    // It is over, or the folder is gone.
  }
}

/** Every isolate of every process that the benchmark starts has a file of its own. */
async function readLog(file: string, isOwn: (url: string) => boolean): Promise<V8Log> {
  const log = new V8Log(isOwn);
  const lines = createInterface({ input: createReadStream(file, 'latin1'), crlfDelay: Infinity });
  lines.on('line', (line) => log.read(line));
  await new Promise<void>((resolve) => lines.on('close', resolve));
  return log;
}

/** Returns the path of a script, with `/`; null for what is no file. */
function fileOf(url: string): string | null {
  if (!url.startsWith('file:')) return path.isAbsolute(url) ? slashed(url) : null;
  try {
    return slashed(fileURLToPath(url));
  } catch {
    return null;
  }
}

type Spot = SlowFact['at'];

/** The text of a file, with lines as V8 counts them. */
class Lines {
  readonly #starts: readonly number[];

  constructor(readonly text: string) {
    const breaks = text.matchAll(/\r\n?|[\n\u2028\u2029]/g);
    this.#starts = [0, ...Array.from(breaks, ({ index, 0: lineBreak }) => index + lineBreak.length)];
  }

  offset(at: Spot): number {
    return typeof at === 'number' ? at : (this.#starts[at.line - 1] ?? 0) + at.column - 1;
  }

  lineAndColumn(at: Spot): Exclude<Spot, number> {
    if (typeof at !== 'number') return at;
    const line = this.#starts.findLastIndex((start) => start <= at);
    return { line: line + 1, column: at - (this.#starts[line] ?? 0) + 1 };
  }
}

/** Reads the scripts that ran once each, and the map of the bundle. */
class Files {
  readonly #read = new Map<string, Promise<Lines>>();
  #positionOf: ((offset: number) => Position | null) | null = null;

  constructor(readonly bundle: string) {}

  async placed(facts: readonly SlowFact[]): Promise<readonly PlacedFact[]> {
    return Promise.all(
      facts.map(async (fact) => {
        const lines = await this.#lines(fileOf(fact.url) ?? '');
        return { fact, statement: statementAt(lines.text, lines.offset(fact.at)) };
      }),
    );
  }

  /** Returns the place in the user's file, or in that of a package; null if it is from neither. */
  async position({ url, at }: SlowFact): Promise<Position | null> {
    const file = fileOf(url);
    if (file === null) return null;
    const lines = await this.#lines(file);
    if (file !== fileOf(this.bundle)) return { file, ...lines.lineAndColumn(at) };
    this.#positionOf ??= positionsIn(lines.text);
    return this.#positionOf(lines.offset(at));
  }

  /** A file that cannot be read is empty. */
  #lines(file: string): Promise<Lines> {
    const read =
      this.#read.get(file) ??
      readFile(file, 'utf8').then(
        (text) => new Lines(text),
        () => new Lines(''),
      );
    this.#read.set(file, read);
    return read;
  }
}

async function reasonsOf(
  facts: readonly PlacedFact[],
  files: Files,
  { root, read }: Pick<SlowReasonOptions, 'root' | 'read'>,
): Promise<readonly SlowReason[]> {
  const found = new Map<string, SlowReason>();
  for (const { fact } of facts) {
    const position = await files.position(fact);
    if (position === null) continue;
    const { file, line, column } = position;
    const lines = new Lines((await read(file)) ?? '');
    const offset = lines.offset({ line, column });
    const around = outline(lines.text, file)
      .filter(({ range }) => range.start <= offset && offset < range.end)
      // What is exported under another name comes second.
      .toSorted((a, b) => b.range.start - a.range.start || a.range.end - b.range.end)[0];
    const reason: SlowReason = {
      ...{ kind: fact.kind, file: relativeTo(root, file), line, column },
      function: around?.path ?? null,
      message: slowReasonWords(fact),
    };
    found.set(JSON.stringify(reason), reason);
  }
  return [...found.values()];
}
