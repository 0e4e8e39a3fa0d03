import type { BaselineSide } from '../baseline/resolve.js';
import type { Bundle } from '../bundle/bundle.js';
import type { Bundler } from '../bundle/bundler.js';
import type { OldCode } from '../bundle/tree.js';
import { GitError } from '../git/process.js';
import { DamageError } from '../git/repair.js';

/** How many bundles are kept: a session only goes back to recent commits. */
const kept = 200;

/** Whether a bundle has nothing that may change besides the commit. */
const isFinal = ({ borrowed, beside, dynamic, isCheckedOut }: Bundle): boolean =>
  borrowed.length === 0 && beside.length === 0 && dynamic.length === 0 && !isCheckedOut;

/** The old code with the bench files that it had, by commit and file. */
export class OwnBenchFiles {
  readonly #bundles = new Map<string, Promise<Bundle | null>>();

  constructor(readonly bundler: Bundler) {}

  /**
   * Bundles the bench file of a commit with the code of that commit; null if there is none, or if it does not build. `settings`
   * change with what it is bundled with besides.
   */
  async bundle(
    file: string,
    { code }: Pick<BaselineSide, 'code'>,
    settings: readonly string[] = [],
  ): Promise<Bundle | null> {
    if (code === null) return null;
    const key = JSON.stringify([code.commit, file, settings]);
    const known = this.#bundles.get(key);
    if (known !== undefined) return known;
    const building = (async () => {
      if (!(await code.has(file))) return null;
      const built = await this.bundler.old(file, code, { isOwn: true });
      return built.ok ? built.value : null;
    })();
    this.#bundles.set(key, building);
    // What it lacks may be here later, and what it has on disk may change.
    const forget = (): unknown => this.#bundles.delete(key);
    building.then((bundle) => (bundle === null || !isFinal(bundle)) && forget(), forget);
    for (const stale of [...this.#bundles.keys()].slice(0, -kept)) this.#bundles.delete(stale);
    return building;
  }
}

/** Returns the bench file of old code; null if there is none, or if a partial clone does not have it here. */
export async function ownBench(code: OldCode, file: string): Promise<Buffer | null> {
  try {
    return await code.read(file);
  } catch (error) {
    if (error instanceof GitError && !(error instanceof DamageError)) return null;
    throw error;
  }
}
