import type { Child } from '../processes/child.js';
import { firstWords, GitError, type GitProgram } from './process.js';

interface Request {
  readonly id: string;
  retried: boolean;
  readonly resolve: (content: Buffer | null) => void;
  readonly reject: (error: GitError) => void;
}

/** Reads contents by object id from one `git cat-file --batch` that stays open while it is used. */
export class GitObjects {
  #child: Child | null = null;
  #disposed = false;
  #pending: Request[] = [];
  #chunks: Buffer[] = [];
  #received = 0;
  /** No answer is complete before this many bytes, so the chunks of a large object are not joined again each time. */
  #needed = 0;
  #stderr = '';
  #quiet: NodeJS.Timeout | null = null;

  constructor(readonly program: GitProgram) {}

  /** Returns null if the repository lacks the object. Rejects with `GitError` if Git cannot answer. */
  read(id: string): Promise<Buffer | null> {
    return new Promise((resolve, reject) => this.#ask({ id, retried: false, resolve, reject }));
  }

  #ask(request: Request): void {
    if (this.#disposed) return request.reject(new GitError('the repository was closed'));
    const child = this.#child ?? this.#start();
    this.#pending.push(request);
    child.setRef(true);
    this.#quiet?.refresh();
    child.stdin?.write(`${request.id}\n`);
  }

  #start(): Child {
    const child = this.program.spawn(['cat-file', '--batch']);
    this.#child = child;
    this.#chunks = [];
    this.#received = this.#needed = 0;
    this.#stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => this.#receive(child, chunk));
    child.stderr?.on('data', (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-4096)));
    void child.ended.then((end) =>
      this.#ended(child, end.kind === 'unstarted' ? end.error.message : firstWords(this.#stderr) || 'it ended'),
    );
    // An idle process would keep packs open, which blocks `git gc` on Windows; a silent one with requests has hung.
    this.#quiet = setTimeout(() => this.#silence(child), this.program.timeoutMs);
    this.#quiet.unref();
    return child;
  }

  #silence(child: Child): void {
    if (this.#pending.length > 0) {
      for (const request of this.#pending) request.retried = true;
      this.#ended(child, `it did not answer in ${this.program.timeoutMs / 1000} s`);
      child.kill();
    } else {
      this.#child = null;
      child.stdin?.end();
    }
  }

  /** Sends pending requests once more, because the process may have been killed from outside. */
  #ended(child: Child, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#quiet !== null) clearTimeout(this.#quiet);
    const pending = this.#pending;
    this.#pending = [];
    for (const request of pending) {
      if (request.retried || this.#disposed) request.reject(new GitError(`git cat-file failed: ${why}`));
      else this.#ask(Object.assign(request, { retried: true }));
    }
  }

  #receive(child: Child, chunk: Buffer): void {
    if (this.#child !== child) return;
    this.#quiet?.refresh();
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    if (this.#received < this.#needed) return;
    const buffer = Buffer.concat(this.#chunks);
    let at = 0;
    this.#needed = 0;
    for (let end = buffer.indexOf('\n'); end !== -1; end = buffer.indexOf('\n', at)) {
      // `<id> <type> <size>`, the content and a line feed; or `<request> missing`.
      const size = / (\d+)$/.exec(buffer.toString('latin1', at, end))?.[1];
      const next = size === undefined ? end + 1 : end + 1 + Number(size) + 1;
      if (next > buffer.length) {
        this.#needed = next - at;
        break;
      }
      this.#pending.shift()?.resolve(size === undefined ? null : Buffer.from(buffer.subarray(end + 1, next - 1)));
      at = next;
    }
    this.#chunks = [buffer.subarray(at)];
    this.#received = buffer.length - at;
    if (this.#pending.length === 0) child.setRef(false);
  }

  /** Rejects pending requests. */
  dispose(): void {
    this.#disposed = true;
    const child = this.#child;
    if (child === null) return;
    this.#ended(child, 'the repository was closed');
    child.kill();
  }
}
