import { refusedName } from '../../core/judge/baseline-name.js';
import { nameRefusal, takenName } from '../../core/text/baseline-name.js';
import { localDay } from '../../core/text/terminal.js';
import type { Git } from '../git/repository.js';
import type { Baselines } from './files.js';

/** Why a capture cannot have a name, or whose name it is; `message` is one sentence. */
export interface NameProblem {
  readonly kind: 'refused' | 'taken';
  readonly message: string;
}

/** Returns why a capture cannot have this name, or that it would replace a baseline; null if neither. */
export async function nameProblem(
  name: string,
  { all, broken }: Pick<Baselines, 'all' | 'broken'>,
  git: Pick<Git, 'hasBranch'> | null,
): Promise<NameProblem | null> {
  const own = all.find((one) => one.name === name);
  if (own !== undefined) return { kind: 'taken', message: takenName(name, localDay(new Date(own.at))) };
  // One that cannot be read gives way: nothing of it is lost.
  if (broken.some((one) => one.name === name)) return null;
  const others = [...all, ...broken].map((one) => one.name);
  const refusal = refusedName(name, others);
  if (refusal !== null) return { kind: 'refused', message: nameRefusal(name, refusal) };
  // `"baseline": "main"` would mean something else from now on. That a tag has the name of a release is usual.
  const isBranch = git !== null && (await git.hasBranch(name).catch(() => false));
  return isBranch ? { kind: 'refused', message: nameRefusal(name, { kind: 'revision', of: 'branch' }) } : null;
}
