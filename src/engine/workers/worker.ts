import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { totalmem } from 'node:os';
import { formatQuantity } from '../../core/language/figures.js';
import { err, ok, unreachable, type Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { WorkerAnswer, WorkerReply, WorkerRequest } from '../../worker/protocol.js';
import type { Log } from '../util/log.js';
import type { Aborted, RequestOptions } from './benchmark-workers.js';
import { killTree, residentBytes } from './processes.js';
import type { Runtime } from './runtime.js';

/** The two processes of a benchmark may not use more than two thirds of the machine's memory. */
export const mostBytes = totalmem() / 3;
const memoryLookMs = 250;
/** How many characters of a worker's standard error are kept, for the log and to explain failures. */
const outputLimit = 16_384;

export interface AskOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** The sentence for when the time is over. */
  readonly late: string;
  readonly onAttempts?: RequestOptions['onAttempts'];
}

/** How to start workers. */
export interface WorkerSettings {
  readonly runtime: Runtime;
  readonly workerPath: string;
  readonly cwd: string;
  readonly log: Log;
  readonly memoryBytes: number;
}

/** A worker process. It answers one request at a time, until it is killed. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #ready: Promise<RunFailure | null>;
  #output = '';
  #settle: ((answer: Result<WorkerAnswer, RunFailure>) => void) | null = null;
  #onAttempts: RequestOptions['onAttempts'];
  #end: RunFailure | null = null;
  #asked = 0;
  #answered = 0;
  #memory: NodeJS.Timeout | undefined;

  /** `flags`: V8's, for what cannot be set later. */
  constructor(
    readonly settings: WorkerSettings,
    flags: readonly string[] = [],
  ) {
    const { runtime, workerPath, cwd } = settings;
    const args = ['--expose-gc', '--no-warnings', ...flags, workerPath, String(process.pid)];
    this.#child = spawn(runtime.command, args, {
      cwd,
      env: runtime.env,
      detached: process.platform !== 'win32',
      windowsHide: true,
      serialization: 'advanced',
      // A bench file prints its own table of results, which is empty here. Nobody reads it, and ignoring it costs nothing.
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-outputLimit);
    });
    this.#ready = new Promise((resolve) => {
      this.#child.on('message', (message: WorkerReply) => {
        if (message.type === 'ready') resolve(null);
        else this.#receive(message);
      });
      this.#child.on('error', (error) => {
        this.#ended({ kind: 'spawn', message: `Node could not be started as "${runtime.command}": ${error.message}` });
        resolve(this.#end);
      });
      // `close` comes after the last byte of output, which may say how the process died.
      this.#child.on('close', (code, signal) => {
        this.#ended(this.#explainExit(code, signal));
        killTree(this.#child);
        resolve(this.#end);
      });
    });
    this.#setRef(false);
  }

  /** Settles on the reply, on exit, on timeout and on abort. Only after a reply can the process be asked again. */
  async ask(request: WorkerRequest, options: AskOptions): Promise<Result<WorkerAnswer, RunFailure | Aborted>> {
    const { signal, timeoutMs, late } = options;
    this.#setRef(true);
    this.#onAttempts = options.onAttempts;
    let timer: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    const answer = new Promise<Result<WorkerAnswer, RunFailure | Aborted>>((resolve) => {
      onAbort = () => resolve(err({ kind: 'aborted' }));
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort);
      this.#settle = resolve;
      timer = setTimeout(() => resolve(err({ kind: 'timeout', message: late })), Math.max(0, timeoutMs));
      void this.#ready.then((unready) => {
        // What it did between two requests may have ended it.
        const end = unready ?? this.#end;
        if (end !== null) resolve(err(end));
        else this.#send(request, resolve);
      });
    });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
      this.#settle = null;
      // A process that is kept for others must not keep the program alive.
      this.#setRef(false);
    }
  }

  /** Whether it has answered everything that it was asked. */
  get isIdle(): boolean {
    return this.#asked === this.#answered;
  }

  /** Whether the process still runs: a spare may die while it waits. */
  get alive(): boolean {
    return this.#end === null;
  }

  /** Kills the process, and everything that it started. */
  kill(): void {
    clearInterval(this.#memory);
    killTree(this.#child);
    this.#setRef(false);
    if (this.#output !== '') this.settings.log.debug(`output of a worker:\n${this.#output}`);
    this.#output = '';
  }

  #send(request: WorkerRequest, resolve: (answer: Result<WorkerAnswer, RunFailure>) => void): void {
    this.#asked++;
    this.#memory ??= setInterval(() => void this.#lookAtMemory(), memoryLookMs).unref();
    this.#child.send(request, (error) => {
      if (error !== null)
        this.#child.once('close', () => resolve(err(this.#end ?? { kind: 'crashed', message: error.message })));
    });
  }

  #receive(message: Exclude<WorkerReply, { type: 'ready' }>): void {
    switch (message.type) {
      case 'attempts':
        this.#onAttempts?.(message.attempts);
        return;
      case 'failed':
        this.#ended(message.failure);
        return;
      case 'names':
      case 'observed':
      case 'reached':
      case 'opened':
      case 'begun':
      case 'ended':
      case 'called':
      case 'warmed':
      case 'sliced':
      case 'timed':
      case 'closed':
      case 'finished':
        this.#answered++;
        this.#settle?.(ok(message));
        return;
      default:
        unreachable(message);
    }
  }

  #ended(failure: RunFailure): void {
    this.#end ??= failure;
    this.#settle?.(err(this.#end));
  }

  #explainExit(code: number | null, signal: NodeJS.Signals | null): RunFailure {
    if (/heap out of memory|Array buffer allocation failed/.test(this.#output)) {
      return { kind: 'memory', message: 'the benchmark ran out of memory: it uses more than Node allows' };
    }
    if (signal !== null) return { kind: 'crashed', message: `the benchmark crashed with signal ${signal}` };
    return {
      kind: 'exited',
      message: `the benchmark exited with code ${code ?? 0} before it was measured`,
    };
  }

  async #lookAtMemory(): Promise<void> {
    const bytes = await residentBytes(this.#child.pid ?? 0);
    if (bytes === null || bytes < this.settings.memoryBytes) return;
    const used = formatQuantity(bytes, 'size');
    this.#ended({ kind: 'memory', message: `the benchmark was stopped because it used ${used} of memory` });
    // Whoever asked may still wait for another process.
    this.kill();
  }

  /** A waiting spare never keeps the program alive; a working one does. */
  #setRef(busy: boolean): void {
    const set = busy ? 'ref' : 'unref';
    this.#child[set]();
    this.#child.channel?.[set]();
    const { stderr } = this.#child;
    if (stderr instanceof Socket) stderr[set]();
  }
}
