import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Launch } from '../../worker/protocol.js';
import type { Bundle } from './bundle.js';

/** Bundles as files that a worker can import, in a folder of this process that `dispose` deletes. */
export class BundleStore {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'perf-budget-'));
  /** The hash of each file's whole text. */
  readonly #written = new Map<string, string>();

  /** Returns the file URL of a bundle; the same code has the same URL. */
  url(bundle: { readonly code: string; readonly hash: string }): string {
    const file = path.join(this.#folder, `${bundle.hash.slice(0, 32)}.mjs`);
    // The hash leaves out the source map, whose lines differ if the same code is laid out differently.
    const text = createHash('sha256').update(bundle.code).digest('hex');
    if (this.#written.get(file) !== text) {
      writeFileSync(file, bundle.code);
      this.#written.set(file, text);
    }
    return pathToFileURL(file).href;
  }

  /** Returns how the processes of a bundle are made; undefined for as usual. */
  launch({ launch }: Pick<Bundle, 'launch'>): Launch | undefined {
    if (launch === null) return undefined;
    const { prelude, execArgv } = launch;
    if (prelude === null) return { prelude, execArgv };
    const hash = createHash('sha256').update(prelude).digest('hex');
    return { prelude: this.url({ code: prelude, hash }), execArgv };
  }

  dispose(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
