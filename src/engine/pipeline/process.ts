import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import type {
  Answers,
  Numbered,
  PipelineAnswer,
  PipelineMessage,
  PipelineRequest,
  Refused,
} from '../../worker/pipeline/protocol.js';
import type { Log } from '../util/log.js';
import { killTree } from '../workers/processes.js';
import type { Runtime } from '../workers/runtime.js';

/** A configuration may build something first; a plugin should not. */
const openMs = 60_000;
const answerMs = 30_000;
const outputLimit = 16_384;

export const closedMessage = "the project's Vite was closed";

/** Whether a message says that a process ended or was late, and nothing about the code. */
export const isOfProcess = (message: string): boolean =>
  /the project's Vite (?:was closed|did not|ended)/.test(message);

export interface ProcessSettings {
  readonly runtime: Runtime;
  /** `dist/pipeline.js`. */
  readonly program: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

interface Pending {
  readonly settle: (answer: PipelineAnswer) => void;
  readonly timer: NodeJS.Timeout;
}

/** The process that has a project's own Vite open. It ends with the first request that it does not answer in time. */
export class PipelineProcess {
  readonly #child: ChildProcess;
  readonly #log: Log;
  readonly #pending = new Map<number, Pending>();
  #queue: Numbered<PipelineRequest>[] = [];
  #asked = 0;
  #output = '';
  #end: Refused | null = null;

  constructor({ runtime, program, cwd, env, log }: ProcessSettings) {
    this.#log = log;
    this.#child = spawn(runtime.command, ['--no-warnings', program, String(process.pid)], {
      cwd,
      env: { ...runtime.env, ...env },
      detached: process.platform !== 'win32',
      windowsHide: true,
      serialization: 'advanced',
      // What the configuration prints goes to the log.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const heard = (text: string): void => {
      this.#output = (this.#output + text).slice(-outputLimit);
      log.debug(`the project's Vite: ${text.trimEnd()}`);
    };
    this.#child.stdout?.setEncoding('utf8').on('data', heard);
    this.#child.stderr?.setEncoding('utf8').on('data', heard);
    this.#child.on('message', (message: PipelineMessage) => {
      if ('answers' in message) for (const { to, answer } of message.answers) this.#settle(to, answer);
    });
    this.#child.on('error', ({ message }) =>
      this.#ended(`Node could not be started as "${runtime.command}": ${message}`),
    );
    this.#child.on('close', (code, signal) => {
      const last = this.#output.trim().split('\n').at(-1) ?? '';
      const how = signal === null ? `with code ${code ?? 0}` : `with signal ${signal}`;
      this.#ended(`the process with the project's Vite ended ${how}${last === '' ? '' : ` (${last})`}`);
    });
    this.#setRef();
  }

  get alive(): boolean {
    return this.#end === null;
  }

  /** Returns the answer, or why there is none. */
  ask<Type extends PipelineRequest['type']>(
    request: Extract<PipelineRequest, { type: Type }>,
  ): Promise<Answers[Type] | Refused> {
    return new Promise((resolve) => {
      if (this.#end !== null) {
        resolve(this.#end);
        return;
      }
      const number = this.#asked++;
      const limit = request.type === 'open' ? openMs : answerMs;
      const timer = setTimeout(() => this.#late(request, limit), limit).unref();
      this.#pending.set(number, { settle: (answer) => resolve(answer as Answers[Type] | Refused), timer });
      this.#setRef();
      if (this.#queue.length === 0) setImmediate(() => this.#send());
      this.#queue.push({ ...request, number });
    });
  }

  kill(): void {
    this.#ended(closedMessage);
    killTree(this.#child);
  }

  #send(): void {
    const requests = this.#queue;
    this.#queue = [];
    // If this fails, the process has ended, and its end answers everything.
    if (this.alive) this.#child.send(requests, () => undefined);
  }

  #settle(id: number, answer: PipelineAnswer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    clearTimeout(pending?.timer);
    pending?.settle(answer);
    this.#setRef();
  }

  #late(request: PipelineRequest, limitMs: number): void {
    const what =
      request.type === 'open' ? 'load its configuration' : request.type === 'load' ? `load ${request.id}` : 'answer';
    this.#ended(`the project's Vite did not ${what} in ${limitMs / 1000} s`);
    killTree(this.#child);
  }

  #ended(message: string): void {
    if (this.#end === null) this.#log.debug(message);
    this.#end ??= { type: 'refused', message };
    for (const id of [...this.#pending.keys()]) this.#settle(id, this.#end);
  }

  /** It keeps the program alive only while something waits for it. */
  #setRef(): void {
    const set = this.#pending.size > 0 && this.alive ? 'ref' : 'unref';
    this.#child[set]();
    this.#child.channel?.[set]();
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream instanceof Socket) stream[set]();
  }
}
