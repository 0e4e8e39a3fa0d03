import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';
import * as v from 'valibot';
import { configFileName } from '../../core/config/file-names.js';
import { budgetResultSchema } from '../../core/results/kept.js';
import type { Report } from '../../core/results/measurement.js';
import { localDay } from '../../core/text/terminal.js';
import { InputStamp, StampBeginning } from '../discovery/input-stamp.js';
import { History } from '../history/history.js';
import type { RunRequest } from '../measure/request.js';
import { slashed } from '../util/paths.js';
import { describeMachine, machineId } from '../workers/machine.js';
import { findRuntime } from '../workers/runtime.js';
import type { Project, Snapshot } from './snapshot.js';

/** Raised when the meaning of what is kept changes. */
const formatVersion = 2;

/** What a check of all budgets found. */
export interface Answer {
  readonly report: Report;
  readonly snapshot: Snapshot;
  /** The files that each budget depends on. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
}

/** An answer as the history keeps it. */
export interface Kept {
  readonly identity: string;
  readonly stamp: string;
  /** The serialized answer, in Base64. */
  readonly answer: string;
  /** The hash of the stamp and the answer: a damaged answer may still be one, but not the one that was kept. */
  readonly hash: string;
}

const keptSchema = v.object({ identity: v.string(), stamp: v.string(), answer: v.string(), hash: v.string() });

export const hashOf = ({ stamp, answer }: Pick<Kept, 'stamp' | 'answer'>): string =>
  createHash('sha256').update(`${stamp}\n${answer}`).digest('hex');

/** A project whose results are known, because nothing has changed since its last check. */
export interface KnownProject extends Pick<Project, 'root' | 'snapshot'> {
  readonly configFile: string;
  /** The other `perf-budget.jsonc` files below its folder. */
  readonly inner: readonly string[];
  /** Reports what is known of the requested budgets. */
  run(request: Pick<RunRequest, 'budgets' | 'files'>): Report;
}

/** What is known before a project is opened. */
export interface Look {
  readonly known: KnownProject | null;
  /** The start of reading, for `keepCheck`; null if nothing can be kept. */
  readonly beginning: StampBeginning | null;
  readonly identity: string;
}

/** Looks whether anything has changed since the last check of a `perf-budget.jsonc`. Reads no source and starts no program. */
export async function lookAt(configFile: string, nodePath: string | null): Promise<Look> {
  const file = slashed(path.resolve(configFile));
  const root = path.posix.dirname(file);
  const identity = await identityOf(file, nodePath);
  const history = await History.open(root);
  try {
    const kept = history.answer();
    const beginning = history.isPersistent ? StampBeginning.of(root, slashed(history.ownFile)) : null;
    return { known: kept === null ? null : readWhole(kept, identity, file), beginning, identity };
  } finally {
    history.close();
  }
}

function readWhole(text: string, identity: string, configFile: string): KnownProject | null {
  try {
    return read(text, identity, configFile);
  } catch {
    // Nobody but us makes such a text; whatever is wrong with it, the check looks again.
    return null;
  }
}

function read(text: string, identity: string, configFile: string): KnownProject | null {
  const kept = v.parse(keptSchema, JSON.parse(text));
  if (kept.identity !== identity || kept.hash !== hashOf(kept)) return null;
  const stamp = InputStamp.parse(kept.stamp);
  if (!stamp.holds()) return null;
  const { report, snapshot, inputs } = deserialize(Buffer.from(kept.answer, 'base64')) as Answer;
  if (!report.budgets.every((one) => v.is(budgetResultSchema, one))) return null;
  const root = path.posix.dirname(configFile);
  return {
    ...{ root, configFile, snapshot },
    inner: stamp
      .foldersWith(configFileName)
      .flatMap((folder) => (folder === root ? [] : `${folder}/${configFileName}`)),
    run: ({ budgets, files }) => {
      const changed = files?.map((file) => slashed(path.resolve(file)));
      const isReached = (name: string): boolean =>
        changed === undefined || (inputs.get(name) ?? []).some((file) => changed.includes(file));
      const isAsked = (name: string): boolean => budgets?.includes(name) ?? true;
      const asked = report.budgets.filter(({ name }) => isAsked(name) && isReached(name));
      return { ...report, budgets: asked, verdict: verdictOf(asked), elapsedMs: Math.ceil(performance.now()) };
    },
  };
}

/** Only decided results are kept, so the worst is a failure. */
function verdictOf(budgets: Report['budgets']): Report['verdict'] {
  const has = (verdict: Report['verdict']): boolean => budgets.some((one) => one.verdict === verdict);
  return has('fail') ? 'fail' : has('warn') ? 'warn' : 'pass';
}

/** What must be the same besides the inputs: this program, the Node and the machine that measure, and the day. */
async function identityOf(configFile: string, nodePath: string | null): Promise<string> {
  const runtime = await findRuntime(nodePath);
  const machine = await describeMachine(runtime);
  const own = statSync(fileURLToPath(import.meta.url), { throwIfNoEntry: false });
  // A waiver ends and a figure recorded by hand becomes stale with a day.
  const day = localDay(new Date());
  const measures = [machineId(machine), machine.node, runtime.command];
  return JSON.stringify([formatVersion, own?.mtimeMs, own?.size, process.version, configFile, day, ...measures]);
}
