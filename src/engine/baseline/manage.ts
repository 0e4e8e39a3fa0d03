import type { Result } from '../../core/result.js';
import type { Git } from '../git/repository.js';
import type { History } from '../history/history.js';
import { removeBaseline, type Baselines, type KeptBaseline } from './files.js';
import { baselineRef, whereIsCode } from './resolve.js';

/** The captured baselines, and what this machine has of them. */
export interface KnownBaselines extends Baselines {
  /** By name: why the code of a baseline is not here, in a few words. Those that are not in it can be compared with. */
  readonly lacking: Readonly<Record<string, string>>;
}

interface Kept {
  readonly git: Git | null;
  readonly history: History;
}

/** Looks for the code of captured baselines, unless `kept` is null. */
export async function knownBaselines(baselines: Baselines, kept: Kept | null): Promise<KnownBaselines> {
  if (kept === null) return { ...baselines, lacking: {} };
  // There may be many: Git is asked once for all.
  const { git, history } = kept;
  const here = await git?.commitsHere(baselines.all.flatMap(({ commit }) => commit ?? []));
  const isShallow = here !== undefined && here.size < baselines.all.length ? await git?.isShallow() : false;
  const found = here && {
    resolve: (commit: string) => Promise.resolve(here.has(commit) ? commit : null),
    isShallow: () => Promise.resolve(isShallow === true),
  };
  const of = async (one: KeptBaseline): Promise<readonly (readonly [string, string])[]> => {
    const code = await whereIsCode(one, { git: found ?? null, history });
    return code.kind === 'lacking' ? [[one.name, code.why]] : [];
  };
  return { ...baselines, lacking: Object.fromEntries((await Promise.all(baselines.all.map(of))).flat()) };
}

/** Deletes a baseline: its file, and what this machine keeps of its code. The error is one sentence. */
export async function deleteBaseline(
  root: string,
  name: string,
  { git, history }: Kept,
): Promise<Result<null, string>> {
  const removed = await removeBaseline(root, name);
  if (!removed.ok) return removed;
  if (git !== null) {
    const ref = baselineRef(git.root, root, name);
    if ((await git.resolve(ref)) !== null) await git.keepRef(ref, null);
  }
  history.forgetBaseline(name);
  return removed;
}
