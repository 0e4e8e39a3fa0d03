import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Launch } from '../../worker/protocol.js';
import { temporaryFolder, writingTemporary, type TemporaryFolder } from '../util/temporary.js';
import type { Bundle } from './bundle.js';

/** Bundles as files that a worker can import, in a folder of this process that `dispose` deletes. */
export class BundleStore {
  /** Made when it is first needed, because reading a history needs none. */
  #folder: TemporaryFolder | null = null;
  /** The hash of each file's whole text. */
  readonly #written = new Map<string, string>();

  /** Returns the file URL of a bundle; the same code has the same URL. Throws `TemporaryFolderError` if it cannot be written. */
  url(bundle: { readonly code: string; readonly hash: string }): string {
    this.#folder ??= temporaryFolder();
    const file = path.join(this.#folder.path, nameOf(bundle.hash));
    // The hash leaves out the source map, whose lines differ if the same code is laid out differently.
    const text = sha256(bundle.code);
    // Some systems delete temporary files that are a few days old.
    if (this.#written.get(file) !== text || !existsSync(file)) {
      writingTemporary(() => {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, bundle.code);
      });
      this.#written.set(file, text);
    }
    return pathToFileURL(file).href;
  }

  /** Returns how the processes of a bundle are made; undefined for as usual. */
  launch({ launch }: Pick<Bundle, 'launch'>): Launch | undefined {
    if (launch === null) return undefined;
    const { prelude, execArgv } = launch;
    if (prelude === null) return { prelude, execArgv };
    return { prelude: this.url({ code: prelude, hash: sha256(prelude) }), execArgv };
  }

  /**
   * Deletes the files of all bundles but these, or else a session would keep one of every save. Call it only while nothing runs,
   * because running code may still import its bundle.
   */
  forgetOthers(bundles: readonly Pick<Bundle, 'hash' | 'launch'>[], urls: Iterable<string>): void {
    const names = bundles.flatMap(({ hash, launch }) => {
      const prelude = launch?.prelude ?? null;
      return [nameOf(hash), ...(prelude === null ? [] : [nameOf(sha256(prelude))])];
    });
    const needed = new Set([...names, ...Array.from(urls, (url) => path.posix.basename(url))]);
    for (const file of this.#written.keys()) {
      if (needed.has(path.basename(file))) continue;
      this.#written.delete(file);
      try {
        rmSync(file, { force: true });
      } catch {
        // A program has it open, or the disk became read-only. It goes with the folder.
      }
    }
  }

  dispose(): void {
    this.#folder?.dispose();
    this.#folder = null;
    this.#written.clear();
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const nameOf = (hash: string): string => `${hash.slice(0, 32)}.mjs`;
