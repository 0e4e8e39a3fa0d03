import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { err, ok, type Result } from '../../core/result.js';
import { temporaryFolder, type TemporaryFolder } from '../util/temporary.js';
import { firstWords, GitError, type GitProgram } from './process.js';

interface Request {
  readonly path: string;
  readonly hasOwnRules: boolean;
  readonly resolve: (content: Result<Buffer, string>) => void;
  readonly reject: (error: unknown) => void;
}

/** Git LFS then copies what is here, whatever the user has told it to leave out, and cannot ask the network. */
const env = { GIT_LFS_SKIP_SMUDGE: '0' };
const lfs = ['lfs.url=none', 'lfs.fetchinclude=', 'lfs.fetchexclude='].flatMap((each) => ['-c', each]);

/** The first line of what a file has in Git whose content is in Git LFS. */
const pointer = 'version https://git-lfs.github.com/spec/';

/**
 * Writes files of one commit as `git checkout` does: with its line endings, encodings, `$Id$` and filters. It uses an index and
 * a folder of its own, and leaves those of the repository alone.
 */
export class Checkout {
  #opened: Promise<string> | null = null;
  #waiting: Request[] = [];
  #isRunning = false;
  #folder: TemporaryFolder | null = null;

  constructor(
    readonly program: GitProgram,
    readonly commit: string,
  ) {}

  /**
   * Returns the file as it would be checked out; the error is one sentence without a full stop. `hasOwnRules` says that its
   * attributes in the commit are not those of the working tree.
   */
  read(file: string, hasOwnRules: boolean): Promise<Result<Buffer, string>> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ path: file, hasOwnRules, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      // One process writes all the files that are asked for together.
      setImmediate(() => void this.#run());
    });
  }

  /** Writes all files of the commit into a folder; the error is one sentence. */
  async writeAll(target: string): Promise<Result<null, string>> {
    const folder = await this.#open();
    const args = [...lfs, 'checkout-index', '--all', '--force', '--quiet', `--prefix=${target}/`];
    const indexed = { ...env, ...(await this.#ownRules(folder)), GIT_INDEX_FILE: path.join(folder, 'index') };
    const { code, stderr } = await this.program.run(args, { env: indexed, startsPrograms: true });
    return code === 0 ? ok(null) : err(`Git cannot check out ${this.commit.slice(0, 8)}: ${why(stderr)}`);
  }

  async #run(): Promise<void> {
    for (let [first] = this.#waiting; first !== undefined; [first] = this.#waiting) {
      const { hasOwnRules } = first;
      const together = this.#waiting.filter((each) => each.hasOwnRules === hasOwnRules);
      this.#waiting = this.#waiting.filter((each) => each.hasOwnRules !== hasOwnRules);
      try {
        const contents = await this.#write(new Set(together.map((each) => each.path)), hasOwnRules);
        for (const each of together) each.resolve(contents.get(each.path) ?? err(`${each.path} was not checked out`));
      } catch (error) {
        for (const each of together) each.reject(error);
      }
    }
    this.#isRunning = false;
  }

  async #write(paths: ReadonlySet<string>, hasOwnRules: boolean): Promise<ReadonlyMap<string, Result<Buffer, string>>> {
    const folder = await this.#open();
    const target = path.join(folder, hasOwnRules ? 'own' : 'shared');
    const rules = hasOwnRules ? await this.#ownRules(folder) : {};
    const args = [
      ...[...lfs, '-c', 'checkout.workers=1', 'checkout-index', '-z', '--stdin', '--force', '--quiet'],
      `--prefix=${target}/`,
    ];
    const contents = new Map<string, Result<Buffer, string>>();
    const failed = (file: string, why: string): void => void contents.set(file, err(`${file} ${why}`));
    let left = [...paths];
    while (left.length > 0) {
      let stderr = '';
      let isLate = false;
      try {
        const input = left.map((file) => `${file}\0`).join('');
        const indexed = { ...env, ...rules, GIT_INDEX_FILE: path.join(folder, 'index') };
        ({ stderr } = await this.program.run(args, { input, env: indexed, startsPrograms: true }));
      } catch (error) {
        if (!(error instanceof GitError && error.code === 'ETIMEDOUT')) throw error;
        isLate = true;
      }
      // Git writes on where a filter that is not `required` fails, without saying for which file.
      const isUnfiltered = /external filter .* failed/.test(stderr) && !stderr.includes('fatal: ');
      let first: string | null = null;
      for (const file of left) {
        const content = isUnfiltered ? null : await readFile(path.join(target, file)).catch(() => null);
        if (content !== null) contents.set(file, isPointer(content) ? await this.#fromLfs(file, content) : ok(content));
        else first ??= file;
      }
      if (isUnfiltered && left.length > 1) {
        for (const file of left)
          for (const [one, content] of await this.#write(new Set([file]), hasOwnRules)) contents.set(one, content);
        break;
      }
      if (first !== null)
        failed(
          first,
          isLate
            ? `needs a filter that did not finish in ${this.program.timeoutMs / 1000} s`
            : `cannot be checked out: ${why(stderr)}`,
        );
      left = left.filter((file) => !contents.has(file));
      // Each of the others may take as long again.
      if (isLate)
        for (const file of left.splice(0))
          failed(file, `was not checked out, because the filter of ${first ?? ''} hung`);
    }
    return contents;
  }

  /** Asks Git LFS itself, which may be set up to write no content while checking out, or not at all. */
  async #fromLfs(file: string, input: Buffer): Promise<Result<Buffer, string>> {
    const { code, stdout } = await this.program.run([...lfs, 'lfs', 'smudge', '--', file], {
      ...{ input, env, startsPrograms: true },
    });
    return code === 0 && !isPointer(stdout) ? ok(stdout) : err(lfsNotHere(file, this.commit));
  }

  /** Git reads the attributes in the working tree first, and those of the index where there are none. */
  async #ownRules(folder: string): Promise<NodeJS.ProcessEnv> {
    const gitFolder = (await this.program.text(['rev-parse', '--absolute-git-dir'])).trim();
    return { GIT_DIR: gitFolder, GIT_WORK_TREE: path.join(folder, 'empty') };
  }

  /** Makes the folder and the index; again after a failure, because Git may not have answered in time. */
  #open(): Promise<string> {
    this.#opened ??= this.#make().catch((error: unknown) => {
      this.#opened = null;
      throw error;
    });
    return this.#opened;
  }

  async #make(): Promise<string> {
    this.#folder ??= temporaryFolder();
    const folder = this.#folder.path;
    for (const each of ['empty', 'own', 'shared']) await mkdir(path.join(folder, each), { recursive: true });
    await this.program.text(['-c', 'core.sparseCheckout=false', 'read-tree', this.commit], {
      env: { GIT_INDEX_FILE: path.join(folder, 'index') },
    });
    return folder;
  }

  get isIdle(): boolean {
    return !this.#isRunning && this.#waiting.length === 0;
  }

  dispose(): void {
    this.#folder?.dispose();
  }
}

/** Whether a file in Git only says which content Git LFS has for it. */
export const isPointer = (content: Buffer): boolean =>
  content.subarray(0, pointer.length).toString('latin1') === pointer;

export function lfsNotHere(file: string, commit: string): string {
  const short = commit.slice(0, 8);
  return `${file} is in Git LFS, and its content at ${short} has not been downloaded: run \`git lfs fetch origin ${short}\``;
}

/** Returns what ended the checkout, and the last that its filter said. */
function why(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const fatal = lines.find((line) => line.startsWith('fatal: '))?.slice('fatal: '.length);
  const own = lines.findLast((line) => line !== '' && !/^(?:fatal|error|warning): /.test(line));
  return `${fatal ?? firstWords(stderr)}${own === undefined ? '' : ` (${own})`}`;
}
