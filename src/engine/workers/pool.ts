import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { totalmem } from 'node:os';
import { formatQuantity, formatTime } from '../../core/language/figures.js';
import { unreachable, err, ok, type Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { WorkerReply, WorkerRequest } from '../../worker/protocol.js';
import type { Log } from '../util/log.js';
import type { Aborted, BenchmarkWorkers, RequestOptions, WorkerAnswer } from './benchmark-workers.js';
import { killTree, residentBytes } from './processes.js';
import type { Runtime } from './runtime.js';

/** A benchmark may not use more than half of the machine's memory. */
const mostBytes = totalmem() / 2;
const memoryLookMs = 250;
/** How many characters of a worker's standard error are kept, for the log and to explain failures. */
const outputLimit = 16_384;
/** A spare worker is ended if no run needs it for this long. */
const idleMs = 120_000;

/** A fresh worker process that answers one request and is then killed. */
class Worker {
  readonly #child: ChildProcess;
  readonly #ready: Promise<RunFailure | null>;
  #output = '';
  #settle: ((answer: Result<WorkerAnswer, RunFailure>) => void) | null = null;
  #onSampling: (() => void) | undefined;
  /** The longest first call that returned. */
  #calledMs: number | null = null;
  #onAttempts: RequestOptions['onAttempts'];
  #end: RunFailure | null = null;

  constructor(
    runtime: Runtime,
    workerPath: string,
    cwd: string,
    readonly log: Log,
    readonly memoryBytes: number,
  ) {
    this.#child = spawn(runtime.command, ['--expose-gc', '--no-warnings', workerPath, String(process.pid)], {
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

  /** Settles on the reply, on exit, on timeout and on abort; by then the process has been killed. */
  async request(request: WorkerRequest, options: RequestOptions): Promise<Result<WorkerAnswer, RunFailure | Aborted>> {
    const { signal, timeoutMs } = options;
    this.#setRef(true);
    this.#onSampling = options.onSampling;
    this.#onAttempts = options.onAttempts;
    const unready = await this.#ready;
    if (unready !== null) return err(unready);
    let timer: NodeJS.Timeout | undefined;
    let memory: NodeJS.Timeout | undefined;
    let onAbort: (() => void) | undefined;
    const answer = new Promise<Result<WorkerAnswer, RunFailure | Aborted>>((resolve) => {
      onAbort = () => resolve(err({ kind: 'aborted' }));
      if (signal.aborted) onAbort();
      signal.addEventListener('abort', onAbort);
      this.#settle = resolve;
      if (this.#end !== null) resolve(err(this.#end));
      timer = setTimeout(
        () => resolve(err({ kind: 'timeout', message: timeoutMessage(request, timeoutMs, this.#calledMs) })),
        timeoutMs,
      );
      memory = setInterval(() => void this.#lookAtMemory(resolve), memoryLookMs);
      this.#child.send(request, (error) => {
        if (error !== null)
          this.#child.once('close', () => resolve(err(this.#end ?? { kind: 'crashed', message: error.message })));
      });
    });
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
      clearInterval(memory);
      if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
      this.kill();
      if (this.#output !== '') this.log.debug(`output of ${request.benchFile}:\n${this.#output}`);
    }
  }

  /** Whether the process still runs: a spare may die while it waits. */
  get alive(): boolean {
    return this.#end === null;
  }

  kill(): void {
    killTree(this.#child);
    this.#setRef(false);
  }

  #receive(message: Exclude<WorkerReply, { type: 'ready' }>): void {
    switch (message.type) {
      case 'sampling':
        this.#onSampling?.();
        return;
      case 'called':
        this.#calledMs = Math.max(this.#calledMs ?? 0, message.ms);
        return;
      case 'attempts':
        this.#onAttempts?.(message.attempts);
        return;
      case 'names':
      case 'measured':
      case 'observed':
        this.#settle?.(ok(message));
        return;
      case 'failed':
        this.#settle?.(err({ ...message.failure, ...(message.side !== null && { side: message.side }) }));
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

  async #lookAtMemory(resolve: (answer: Result<WorkerAnswer, RunFailure>) => void): Promise<void> {
    const bytes = await residentBytes(this.#child.pid ?? 0);
    if (bytes === null || bytes < this.memoryBytes) return;
    const used = formatQuantity(bytes, 'size');
    resolve(err({ kind: 'memory', message: `the benchmark was stopped because it used ${used} of memory` }));
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

function timeoutMessage(request: WorkerRequest, timeoutMs: number, calledMs: number | null): string {
  const seconds = `${Math.round(timeoutMs / 1000)} s`;
  if (request.type === 'discover') return `the bench file did not finish loading in ${seconds}`;
  if (calledMs !== null) {
    // Each of two processes calls both versions.
    const needed = `${Math.ceil((4 * calledMs) / 10_000) * 10} s`;
    return `one iteration takes ${formatTime(Number((calledMs * 1e6).toPrecision(2)))}, and too few fit into ${seconds}: set "time": "${needed}"`;
  }
  return `the benchmark did not finish in ${seconds}: does it loop forever, or does an iteration need a longer "time"?`;
}

/** Keeps one worker started and loaded ahead of need, and kills it if nothing runs for a while. */
export class WorkerPool implements BenchmarkWorkers {
  #spare: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;

  constructor(
    readonly runtime: Runtime,
    readonly workerPath: string,
    readonly cwd: string,
    readonly log: Log,
    readonly memoryBytes = mostBytes,
  ) {}

  /** Starts the spare worker, if there is none. */
  prepare(): void {
    if (this.#spare?.alive !== true)
      this.#spare = new Worker(this.runtime, this.workerPath, this.cwd, this.log, this.memoryBytes);
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.dispose(), idleMs).unref();
  }

  /** Sends one request to a fresh process, and starts the next process. */
  async request(request: WorkerRequest, options: RequestOptions): Promise<Result<WorkerAnswer, RunFailure | Aborted>> {
    if (options.signal.aborted) return err({ kind: 'aborted' });
    this.prepare();
    const worker = this.#spare;
    this.#spare = null;
    if (worker === null) throw new Error('a spare was just prepared');
    const answer = worker.request(request, options);
    this.prepare();
    return answer;
  }

  dispose(): void {
    clearTimeout(this.#idle);
    this.#spare?.kill();
    this.#spare = null;
  }
}
