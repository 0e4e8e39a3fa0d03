import { realpathSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { err, type Result } from '../../core/result.js';
import { Checkout } from '../git/checkout.js';
import { GitError, GitProgram } from '../git/process.js';
import type { Git } from '../git/repository.js';
import { lendPackages } from '../git/worktrees.js';
import { temporaryFolder } from '../util/temporary.js';

const checkoutMs = 10 * 60_000;

/**
 * The files of a commit in a folder of this process, as Git would check them out, with the installed packages. Not a worktree: that
 * would show up in the user's tools, and inside the project their own Vitest would run its tests.
 */
export class OldFiles {
  readonly #parent = temporaryFolder();
  /** Where the top level of the repository is. */
  readonly folder = path.join(realpathSync(this.#parent.path), 'code');

  /** What the commit has where files were brought. */
  readonly #replaced = new Map<string, Buffer>();
  #program: GitProgram | null = null;

  constructor(readonly git: Git) {}

  /** Writes the files. The error is one sentence. */
  async fill(root: string, commit: string): Promise<Result<null, string>> {
    const program = new GitProgram(this.git.root, { timeoutMs: checkoutMs });
    this.#program = program;
    const checkout = new Checkout(program, commit);
    try {
      await mkdir(this.folder);
      const written = await checkout.writeAll(this.folder);
      if (!written.ok) return written;
      const inner = await this.git.checkOutSubmodules(commit, this.folder);
      if (inner.ok) await lendPackages(this.git, root, commit, this.folder);
      return inner;
    } catch (error) {
      if (error instanceof GitError) return err(error.message);
      if (error instanceof Error && 'code' in error) return err(`the old code cannot be checked out: ${error.message}`);
      throw error;
    } finally {
      checkout.dispose();
      program.dispose();
    }
  }

  /** Copies a file from the working tree to where it would be. */
  async bring(file: string): Promise<void> {
    const target = this.of(file);
    if (!target.startsWith(this.folder + path.sep)) throw new Error(`${file} is not in the repository`);
    const [wanted, present] = await Promise.all([readFile(file), readFile(target).catch(() => null)]);
    if (present?.equals(wanted) === true) return;
    if (present !== null && !this.#replaced.has(target)) this.#replaced.set(target, present);
    await mkdir(path.dirname(target), { recursive: true });
    await rm(target, { force: true });
    await copyFile(file, target);
  }

  /** Puts back what the commit has in a file's place. */
  async restore(file: string): Promise<void> {
    const own = this.#replaced.get(this.of(file));
    if (own !== undefined) await writeFile(this.of(file), own);
  }

  /** Returns where a file of the working tree would be. */
  of(file: string): string {
    return path.join(this.folder, path.relative(this.git.root, file));
  }

  dispose(): void {
    this.#program?.dispose();
    this.#parent.dispose();
  }
}
