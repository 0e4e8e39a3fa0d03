import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { killGroup, killMarked, markVariable } from '../../system/processes.js';

/** How long pipes are read after the end of a process, because something that it left running may hold them open. */
const graceMs = 1000;
/** What several processes left running is looked for together. */
const sweepMs = 50;

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
  /** Whether it may start programs of the user, all of which end with it. */
  readonly startsPrograms: boolean;
}

export type ChildEnd =
  | { readonly kind: 'exit'; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: 'unstarted'; readonly error: NodeJS.ErrnoException };

/** Those that still run. What is in a group of its own would survive this program; Git by itself finishes what it writes. */
const running = new Set<Child>();
/** Of those that have ended, until nothing is left of them. */
const ended = new Set<string>();
let sweeping: NodeJS.Timeout | undefined;

function sweep(): void {
  clearTimeout(sweeping);
  sweeping = undefined;
  // Processes that start others all the time are not waited for.
  if (ended.size === 0 || killMarked(ended)) ended.clear();
  else sweepLater();
}

function sweepLater(): void {
  sweeping ??= setTimeout(sweep, sweepMs).unref();
}

process.on('exit', () => {
  for (const child of running) if (child.startsPrograms) child.kill();
  sweep();
});

/**
 * A process that certainly ends. With `startsPrograms`, so does everything that it started: its process group, what descends
 * from it and, on Linux, what has left both but inherited its mark.
 */
export class Child {
  /** Settles when it has exited and its pipes are closed. If others hold these open, they are abandoned a second later. */
  readonly ended: Promise<ChildEnd>;
  readonly #process: ChildProcess | null;
  readonly #mark = randomUUID();
  readonly startsPrograms: boolean;

  constructor(command: string, args: readonly string[], { cwd, env, stdio, startsPrograms }: ChildOptions) {
    this.startsPrograms = startsPrograms;
    const marks = [env[markVariable], this.#mark].filter((mark) => mark !== undefined).join(' ');
    try {
      this.#process = spawn(command, args, {
        cwd,
        env: startsPrograms ? { ...env, [markVariable]: marks } : env,
        stdio,
        windowsHide: true,
        detached: startsPrograms && process.platform !== 'win32',
      });
    } catch (error) {
      // Some mistakes are thrown and others reported later: a folder that is a file, an argument with a NUL.
      this.#process = null;
      this.ended = Promise.resolve({ kind: 'unstarted', error: error as NodeJS.ErrnoException });
      return;
    }
    const child = this.#process;
    running.add(this);
    // If a pipe breaks, the process ends too, and that is reported.
    for (const stream of child.stdio) stream?.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      let end: ChildEnd | null = null;
      const settle = (): void => {
        if (end === null) return;
        clearTimeout(grace);
        for (const stream of child.stdio) stream?.destroy();
        resolve(end);
      };
      let grace: NodeJS.Timeout | undefined;
      child.on('error', (error: NodeJS.ErrnoException) => {
        // A signal that could not be sent is an error, too.
        if (child.pid !== undefined) return;
        running.delete(this);
        end ??= { kind: 'unstarted', error };
        settle();
      });
      child.on('exit', (code, signal) => {
        this.#endRest();
        end ??= { kind: 'exit', code, signal };
        grace = setTimeout(settle, graceMs);
      });
      child.on('close', settle);
    });
  }

  get isRunning(): boolean {
    return running.has(this);
  }

  get stdin(): Writable | null {
    return this.#process?.stdin ?? null;
  }

  get stdout(): Readable | null {
    return this.#process?.stdout ?? null;
  }

  get stderr(): Readable | null {
    return this.#process?.stderr ?? null;
  }

  /** The fourth stream, which is a pipe in both directions. */
  get pipe(): Socket | null {
    const stream = this.#process?.stdio[3];
    return stream instanceof Socket ? stream : null;
  }

  /** Ends it now. It does nothing once the process has ended, because its id may be that of another one. */
  kill(): void {
    const child = this.#process;
    if (child?.pid === undefined || !this.isRunning) return;
    if (!this.startsPrograms) child.kill('SIGKILL');
    else if (process.platform === 'win32') {
      // Windows looks for programs in the current folder first.
      const program = path.join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'taskkill.exe');
      execFile(program, ['/pid', String(child.pid), '/T', '/F'], () => undefined);
    } else {
      killGroup(child.pid);
      this.#sweepLater();
    }
  }

  /** Decides whether this process keeps the program alive. */
  setRef(isNeeded: boolean): void {
    const set = isNeeded ? 'ref' : 'unref';
    this.#process?.[set]();
    for (const stream of this.#process?.stdio ?? []) if (stream instanceof Socket) stream[set]();
  }

  /** Ends what the process left running. Its group keeps its id as long as anything is in it. */
  #endRest(): void {
    running.delete(this);
    const pid = this.#process?.pid;
    if (!this.startsPrograms || pid === undefined || process.platform === 'win32') return;
    killGroup(pid);
    this.#sweepLater();
  }

  #sweepLater(): void {
    ended.add(this.#mark);
    sweepLater();
  }
}
