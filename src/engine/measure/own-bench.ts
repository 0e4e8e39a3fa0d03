import type { BaselineSide } from '../baseline/resolve.js';
import type { Bundle } from '../bundle/bundle.js';
import type { Bundler } from '../bundle/bundler.js';

/** How many bundles are kept: a session only goes back to recent commits. */
const kept = 200;

/** The old code with the bench files that it had, by commit and file. */
export class OwnBenchFiles {
  readonly #bundles = new Map<string, Promise<Bundle | null>>();

  constructor(readonly bundler: Bundler) {}

  /** Bundles the bench file of a commit with the code of that commit; null if there is none, or if it does not build. */
  async bundle(file: string, { code }: Pick<BaselineSide, 'code'>): Promise<Bundle | null> {
    if (code === null) return null;
    const key = `${code.commit}\0${file}`;
    const known = this.#bundles.get(key);
    if (known !== undefined) return known;
    const building = (async () => {
      if (!(await code.has(file))) return null;
      const built = await this.bundler.old(file, code, { isOwn: true });
      return built.ok ? built.value : null;
    })();
    this.#bundles.set(key, building);
    for (const stale of [...this.#bundles.keys()].slice(0, -kept)) this.#bundles.delete(stale);
    return building;
  }
}
