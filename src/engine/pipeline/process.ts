import type { Answers, Numbered, PipelineAnswer, PipelineRequest, Refused } from '../../worker/pipeline/protocol.js';
import { Channel, channelStdio } from '../processes/channel.js';
import { Child, type ChildEnd } from '../processes/child.js';
import { settle } from '../processes/settle.js';
import type { Log } from '../util/log.js';
import type { Runtime } from '../workers/runtime.js';
import { readAnswers } from './answers.js';

/** A configuration may build something first; a plugin should not. */
const openMs = 60_000;
const answerMs = 30_000;
const outputLimit = 16_384;

export const closedMessage = "the project's Vite was closed";

/** Whether a message says that a process ended or was late, and nothing about the code. */
export const isOfProcess = (message: string): boolean =>
  /the project's Vite (?:was closed|did not|ended|sent)/.test(message);

export interface ProcessSettings {
  readonly runtime: Runtime;
  /** `dist/pipeline.js`. */
  readonly program: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
}

/** What each request is answered with, unless it is refused. */
const answerTypes: { readonly [Type in keyof Answers]: Answers[Type]['type'] } = {
  open: 'opened',
  profile: 'profile',
  resolve: 'resolved',
  load: 'loaded',
};

/** The process that has a project's own Vite open. It ends with the first request that it does not answer in time. */
export class PipelineProcess {
  readonly #child: Child;
  readonly #channel: Channel;
  readonly #log: Log;
  readonly #pending = new Map<number, (answer: PipelineAnswer) => void>();
  /** Settles when no answer can come any more. */
  readonly #over: Promise<Refused>;
  #setOver: (refused: Refused) => void = () => undefined;
  #queue: Numbered<PipelineRequest>[] = [];
  #asked = 0;
  #output = '';
  #end: Refused | null = null;

  constructor({ runtime, program, cwd, env, log }: ProcessSettings) {
    this.#log = log;
    this.#over = new Promise((resolve) => (this.#setOver = resolve));
    this.#child = new Child(runtime.command, ['--no-warnings', program], {
      cwd,
      env: { ...runtime.env, ...env },
      // What the configuration prints goes to the log.
      stdio: ['ignore', 'pipe', 'pipe', ...channelStdio],
      startsPrograms: true,
    });
    const heard = (chunk: Buffer): void => {
      const text = chunk.toString();
      this.#output = (this.#output + text).slice(-outputLimit);
      log.debug(`the project's Vite: ${text.trimEnd()}`);
    };
    this.#child.stdout?.on('data', heard);
    this.#child.stderr?.on('data', heard);
    this.#channel = new Channel(
      this.#child,
      (message) => this.#receive(message),
      () => this.#fault(),
    );
    void this.#child.ended.then((end) => this.#ended(this.#explain(end, runtime)));
    this.#setRef();
  }

  get alive(): boolean {
    return this.#end === null;
  }

  /** Returns the answer, or why there is none. */
  async ask<Type extends PipelineRequest['type']>(
    request: Extract<PipelineRequest, { type: Type }>,
  ): Promise<Answers[Type] | Refused> {
    if (this.#end !== null) return this.#end;
    const number = this.#asked++;
    const timeoutMs = request.type === 'open' ? openMs : answerMs;
    const settled = await settle<PipelineAnswer, Refused>({ ended: this.#over, timeoutMs }, (reply) => {
      this.#pending.set(number, reply);
      this.#setRef();
      if (this.#queue.length === 0) setImmediate(() => this.#send());
      this.#queue.push({ ...request, number });
    });
    this.#pending.delete(number);
    this.#setRef();
    if (settled.kind === 'reply') {
      const answer = settled.reply;
      if (answer.type === 'refused' || answer.type === answerTypes[request.type])
        return answer as Answers[Type] | Refused;
      return this.#fault();
    }
    if (settled.kind === 'ended') return settled.end;
    return this.#late(request, timeoutMs);
  }

  kill(): void {
    this.#ended(closedMessage);
    this.#child.kill();
  }

  #send(): void {
    const requests = this.#queue;
    this.#queue = [];
    this.#channel.send(requests);
  }

  #receive(message: unknown): void {
    const answers = readAnswers(message);
    if (answers === null) this.#fault();
    else for (const { to, answer } of answers) this.#pending.get(to)?.(answer);
  }

  /** It sent what it never sends by itself. */
  #fault(): Refused {
    return this.#stop("the project's Vite sent what cannot be read");
  }

  #late(request: PipelineRequest, limitMs: number): Refused {
    const what =
      request.type === 'open' ? 'load its configuration' : request.type === 'load' ? `load ${request.id}` : 'answer';
    return this.#stop(`the project's Vite did not ${what} in ${limitMs / 1000} s`);
  }

  #stop(message: string): Refused {
    const end = this.#ended(message);
    this.#child.kill();
    return end;
  }

  #ended(message: string): Refused {
    if (this.#end === null) this.#log.debug(message);
    this.#end ??= { type: 'refused', message };
    this.#setOver(this.#end);
    return this.#end;
  }

  #explain(end: ChildEnd, runtime: Runtime): string {
    if (end.kind === 'unstarted') return `Node could not be started as "${runtime.command}": ${end.error.message}`;
    const last = this.#output.trim().split('\n').at(-1) ?? '';
    const how = end.signal === null ? `with code ${end.code ?? 0}` : `with signal ${end.signal}`;
    return `the process with the project's Vite ended ${how}${last === '' ? '' : ` (${last})`}`;
  }

  /** It keeps the program alive only while something waits for it. */
  #setRef(): void {
    this.#child.setRef(this.#pending.size > 0 && this.alive);
  }
}
