import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Order, OrderAnswer } from './editor.js';
import type { Place } from './place.js';

/** An editor's window on the case's repository: a process of `editor.ts`. */
export class Window {
  readonly child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  #errors = '';
  #last: Promise<unknown>;

  constructor(readonly place: Place) {
    const { dist, editor } = place.installation;
    this.child = spawn(process.execPath, [editor, dist, path.join(place.root, 'perf-budget.jsonc')], {
      cwd: place.root,
      env: place.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdout, stderr, stdin } = this.child;
    if (stdout === null || stderr === null) throw new Error('no pipes');
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
    stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors = (this.#errors + text).slice(-4000)));
    stdin?.on('error', () => undefined);
    this.#last = this.#answer(60_000, 'open');
  }

  /** What it said on standard error: errors of the engine. */
  get errors(): string {
    return this.#errors;
  }

  /** Gives an order and waits for its answer, after those that were given before; null if none came in time. */
  order(order: Order, limitMs = 120_000): Promise<OrderAnswer | null> {
    const before = this.#last;
    const answer = (async () => {
      await before;
      this.child.stdin?.write(`${JSON.stringify(order)}\n`);
      return this.#answer(limitMs, order.do);
    })();
    this.#last = answer;
    return answer;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Closes the window as a person does; fails the case where it does not close. */
  async close(): Promise<void> {
    await this.#last;
    const { exitCode, signalCode } = this.child;
    if (exitCode !== null || signalCode !== null) return;
    const ended = new Promise<boolean>((resolve) => this.child.once('exit', () => resolve(true)));
    this.child.stdin?.end();
    const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20_000).unref());
    if (await Promise.race([ended, late])) return;
    this.place.fail('an editor does not close');
    this.kill();
  }

  async #answer(limitMs: number, what: string): Promise<OrderAnswer | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), limitMs);
    });
    const next = await Promise.race([this.#answers.next(), late]);
    clearTimeout(timer);
    if (next === null) this.place.fail(`the editor has no answer to "${what}" after ${limitMs / 1000} s`);
    if (next === null || next.done === true) return null;
    return JSON.parse(next.value) as OrderAnswer;
  }
}

/** What is right of the repository of `healthy.ts`, whatever was saved in between. */
const right = [
  ['healthy', 'pass'],
  ['broken', 'fail'],
] as const;

/** How long a window may need for what was saved, on a busy machine. */
const patienceMs = 90_000;

/** Fails the case where a window does not come to show what is right of the saved code. */
export async function expectShown(window: Window, which: string): Promise<void> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const settled = await window.order({ do: 'settle' });
    if (settled?.ok !== true) {
      window.place.fail(`${which} does not settle: ${settled?.error ?? 'no answer'} ${window.errors}`);
      return;
    }
    const wrong = right.flatMap(([name, verdict]) => {
      const shown = settled.shown.find((one) => one.name === name);
      if (shown?.state === 'known' && shown.verdict === verdict) return [];
      return [`${name} is ${shown?.state ?? 'not shown'}, ${shown?.verdict ?? ''}: ${shown?.message ?? ''}`];
    });
    if (wrong.length === 0 && settled.problems.length === 0) return;
    if (performance.now() > until) {
      for (const what of [...wrong, ...settled.problems]) window.place.fail(`${which} shows: ${what} ${window.errors}`);
      return;
    }
  }
}
