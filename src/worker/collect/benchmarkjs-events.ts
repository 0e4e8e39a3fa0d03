import type { Anything } from './benchmarkjs-compile.js';

/** An event as Benchmark.js sends it. */
export class BenchmarkEvent {
  type = '';
  target: unknown = undefined;
  currentTarget: unknown = undefined;
  result: unknown = undefined;
  aborted = false;
  cancelled = false;
  readonly timeStamp = Date.now();

  constructor(type: string | { readonly type: string }) {
    Object.assign(this, typeof type === 'string' ? { type } : type);
  }
}

/** Sends events as Benchmark.js does: several types in one string, listeners bound to the sender. */
export class Sender {
  readonly events: Record<string, Anything[]> = {};

  on(types: string, listener: Anything): this {
    for (const type of types.split(' ')) this.listeners(type).push(listener);
    return this;
  }

  off(types?: string, listener?: Anything): this {
    for (const type of types?.split(' ') ?? Object.keys(this.events)) {
      const known = this.listeners(type);
      if (listener === undefined) known.length = 0;
      else if (known.includes(listener)) known.splice(known.indexOf(listener), 1);
    }
    return this;
  }

  listeners(type: string): Anything[] {
    return (this.events[type] ??= []);
  }

  emit(given: string | { readonly type: string }, ...rest: unknown[]): unknown {
    const event = given instanceof BenchmarkEvent ? given : new BenchmarkEvent(given);
    event.currentTarget ??= this;
    event.target ??= this;
    event.result = undefined;
    for (const listener of [...(this.events[event.type] ?? [])]) {
      event.result = listener.call(this, event, ...rest);
      if (event.result === false) event.cancelled = true;
      if (event.aborted) break;
    }
    return event.result;
  }

  /** Registers the listeners among options: `onCycle`, `onComplete`. */
  listen(options: Readonly<Record<string, unknown>>): void {
    for (const [key, listener] of Object.entries(options)) {
      if (!/^on[A-Z]/.test(key) || typeof listener !== 'function') continue;
      for (const each of key.split(' ')) this.on(each.slice(2).toLowerCase(), listener as Anything);
    }
  }
}
