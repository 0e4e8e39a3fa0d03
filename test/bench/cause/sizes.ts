/** How much longer a call takes after each change, in plain processes that share no code with the engine. */
import type { ChildProcess } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { percentile } from '../../../src/core/stats/stats.js';
import { endNode, message, startNode } from '../detect-children.js';
import type { Edit, Module } from './corpus.js';
import { change, createRepository, writePlain } from './repository.js';

export interface Sized {
  /** Nanoseconds a call, the lower quartile of all turns. */
  readonly before: number;
  readonly after: number;
  /** How much more: 0.25 is a quarter. */
  readonly size: number;
}

export interface Places {
  readonly repository: string;
  readonly home: string;
  readonly signal: AbortSignal;
}

/** Measures a change: pairs of processes, old code and new, in turns of some 20 ms. */
export async function sizeOf(
  module: Module,
  edits: readonly Edit[],
  { repository, home, signal }: Places,
  { pairs = 3, turns = 20 } = {},
): Promise<Sized> {
  const folder = path.join(home, 'sizes');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await createRepository(path.join(folder, 'project'), module, path.join(repository, 'test/fixtures/cause'));
  const files = [path.join(folder, 'old.mjs'), path.join(folder, 'new.mjs')] as const;
  await writePlain(path.join(folder, 'project'), module, files[0]);
  await change(path.join(folder, 'project'), edits);
  await writePlain(path.join(folder, 'project'), module, files[1]);
  const figures: { before: number; after: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const script = path.join(repository, 'test/bench/cause/side.mjs');
    const [old, now] = files.map((file) => startNode([script, file], { cwd: folder, ipc: true }));
    if (old === undefined || now === undefined) continue;
    try {
      await Promise.all([message(old, signal), message(now, signal)]);
      for (let turn = 0; turn < turns; turn++) figures.push(await taken(old, now, turn % 2 === 0, signal));
    } finally {
      await Promise.all([endNode(old), endNode(now)]);
    }
  }
  const [before, after] = [quick(figures.map((one) => one.before)), quick(figures.map((one) => one.after))];
  return { before, after, size: after / before - 1 };
}

async function taken(
  old: ChildProcess,
  now: ChildProcess,
  oldFirst: boolean,
  signal: AbortSignal,
): Promise<{ before: number; after: number }> {
  const turn = async (side: ChildProcess): Promise<number> => {
    const answer = message(side, signal);
    side.send('turn');
    return Number(await answer);
  };
  if (oldFirst) {
    const before = await turn(old);
    return { before, after: await turn(now) };
  }
  const after = await turn(now);
  return { before: await turn(old), after };
}

/** The lower quartile, because other programs make turns longer, and none shorter. */
function quick(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    25,
  );
}
