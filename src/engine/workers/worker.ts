import * as l10n from '@vscode/l10n';
import { totalmem } from 'node:os';
import { formatQuantity } from '../../core/language/figures.js';
import { err, ok, unreachable, type Result } from '../../core/result.js';
import type { RunFailure } from '../../core/results/measurement.js';
import type { Answers, Numbered, WorkerAnswer, WorkerReply, WorkerRequest } from '../../worker/protocol.js';
import { Channel, channelStdio } from '../processes/channel.js';
import { Child, type ChildEnd } from '../processes/child.js';
import { settle } from '../processes/settle.js';
import type { Log } from '../util/log.js';
import type { Aborted, RequestOptions } from './benchmark-workers.js';
import { residentBytes } from './memory.js';
import { readReply } from './replies.js';
import type { Runtime } from './runtime.js';

/** The two processes of a benchmark may not use more than two thirds of the machine's memory. */
export const mostBytes = totalmem() / 3;
const memoryLookMs = 250;
/** How many characters of a worker's standard error are kept, for the log and to explain failures. */
const outputLimit = 16_384;

/** For what a worker never sends by itself: code of the user has changed how it works. */
export const unreadable: RunFailure = {
  kind: 'crashed',
  message: 'the benchmark changed its process so that its figures cannot be read',
};

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

/** What each request is answered with. */
const answerTypes: { readonly [Type in keyof Answers]: Answers[Type]['type'] } = {
  discover: 'names',
  observe: 'observed',
  reach: 'reached',
  open: 'opened',
  begin: 'begun',
  end: 'ended',
  call: 'called',
  warm: 'warmed',
  slice: 'sliced',
  latency: 'timed',
  'profile-start': 'profiling',
  'profile-stop': 'profiled',
  close: 'closed',
  finish: 'finished',
};

/** A worker process. It answers one request at a time, until it is killed. */
export class Worker {
  readonly #child: Child;
  readonly #channel: Channel;
  /** Settles when no answer can come any more. */
  readonly #over: Promise<RunFailure>;
  #setOver: (failure: RunFailure) => void = () => undefined;
  readonly #ready: Promise<void>;
  #setReady: () => void = () => undefined;
  #pid = 0;
  #output = '';
  #waiting: { readonly type: WorkerAnswer['type']; readonly reply: (answer: WorkerAnswer) => void } | null = null;
  #onAttempts: RequestOptions['onAttempts'];
  #end: RunFailure | null = null;
  /** Numbers of the last request and of the last answer. */
  #asked = 0;
  #answered = 0;
  #memory: NodeJS.Timeout | undefined;

  /** `flags`: V8's, for what cannot be set later. */
  constructor(
    readonly settings: WorkerSettings,
    flags: readonly string[] = [],
  ) {
    const { runtime, workerPath, cwd } = settings;
    const args = ['--expose-gc', '--no-warnings', ...flags, workerPath];
    this.#over = new Promise((resolve) => (this.#setOver = resolve));
    this.#ready = new Promise((resolve) => (this.#setReady = resolve));
    this.#child = new Child(runtime.command, args, {
      cwd,
      env: runtime.env,
      // A bench file prints its own table of results, which is empty here. Nobody reads it, and ignoring it costs nothing.
      stdio: ['ignore', 'ignore', 'pipe', ...channelStdio],
      startsPrograms: true,
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-outputLimit);
    });
    this.#channel = new Channel(
      this.#child,
      (message) => this.#receive(message),
      () => this.#fault(),
    );
    // The last bytes of its output may say how it died.
    void this.#child.ended.then((end) => {
      clearInterval(this.#memory);
      this.#ended(this.#explain(end));
    });
    this.#child.setRef(false);
  }

  /** Settles on the reply, on exit, on timeout and on abort. Only after a reply can the process be asked again. */
  async ask<Type extends keyof Answers>(
    request: Extract<WorkerRequest, { readonly type: Type }>,
    options: AskOptions,
  ): Promise<Result<Answers[Type], RunFailure | Aborted>> {
    const { signal, timeoutMs, late } = options;
    // A process that is kept for others must not keep the program alive.
    this.#child.setRef(true);
    this.#onAttempts = options.onAttempts;
    const settled = await settle<WorkerAnswer, RunFailure>({ ended: this.#over, timeoutMs, signal }, (reply) => {
      const waiting = { type: answerTypes[request.type], reply };
      this.#waiting = waiting;
      void this.#ready.then(() => {
        // It may be over by now, and another request may wait.
        if (this.#waiting === waiting) this.#send(request);
      });
    });
    this.#waiting = null;
    this.#child.setRef(false);
    switch (settled.kind) {
      case 'reply':
        return ok(settled.reply as Answers[Type]);
      case 'ended':
        return err(settled.end);
      case 'timeout':
        return err({ kind: 'timeout', message: late });
      case 'aborted':
        return err({ kind: 'aborted' });
      default:
        return unreachable(settled);
    }
  }

  /** Whether it has answered everything that it was asked. */
  get isIdle(): boolean {
    return this.alive && this.#asked === this.#answered;
  }

  /** Whether the process still runs: a spare may die while it waits. */
  get alive(): boolean {
    return this.#end === null;
  }

  /** Kills the process, and everything that it started. */
  kill(): void {
    clearInterval(this.#memory);
    this.#child.kill();
    this.#child.setRef(false);
    if (this.#output !== '') this.settings.log.debug(`output of a worker:\n${this.#output}`);
    this.#output = '';
  }

  #send(request: WorkerRequest): void {
    this.#memory ??= setInterval(() => void this.#lookAtMemory(), memoryLookMs).unref();
    this.#channel.send({ number: ++this.#asked, message: request } satisfies Numbered<WorkerRequest>);
  }

  #receive(message: unknown): void {
    const replied = readReply(message);
    if (replied === null) {
      this.#fault();
      return;
    }
    const { to, reply } = replied;
    if (reply.type === 'ready') {
      this.#pid = reply.pid;
      this.#setReady();
    } else if (reply.type === 'failed') this.#ended(reply.failure);
    // A late one is for a request that nobody waits for any more.
    else if (to === this.#asked) this.#answer(reply);
  }

  #answer(reply: Exclude<WorkerReply, { readonly type: 'ready' | 'failed' }>): void {
    if (reply.type === 'attempts') this.#onAttempts?.(reply.attempts);
    else if (this.#waiting !== null && reply.type !== this.#waiting.type) this.#fault();
    else {
      this.#answered = this.#asked;
      this.#waiting?.reply(reply);
    }
  }

  #fault(): void {
    this.#ended(unreadable);
    this.kill();
  }

  #ended(failure: RunFailure): void {
    this.#end ??= failure;
    this.#setOver(this.#end);
  }

  #explain(end: ChildEnd): RunFailure {
    if (end.kind === 'unstarted')
      return {
        kind: 'spawn',
        message: l10n.t`Node could not be started as "${this.settings.runtime.command}": ${end.error.message}`,
      };
    if (/heap out of memory|Array buffer allocation failed/.test(this.#output)) {
      return { kind: 'memory', message: l10n.t('the benchmark ran out of memory: it uses more than Node allows') };
    }
    if (end.signal !== null)
      return { kind: 'crashed', message: l10n.t`the benchmark crashed with signal ${end.signal}` };
    return { kind: 'exited', message: l10n.t`the benchmark exited with code ${end.code ?? 0} before it was measured` };
  }

  async #lookAtMemory(): Promise<void> {
    const bytes = await residentBytes(this.#pid);
    if (bytes === null || bytes < this.settings.memoryBytes) return;
    const used = formatQuantity(bytes, 'size');
    this.#ended({ kind: 'memory', message: l10n.t`the benchmark was stopped because it used ${used} of memory` });
    // Whoever asked may still wait for another process.
    this.kill();
  }
}
