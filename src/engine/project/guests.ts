import pLimit from 'p-limit';

/** Work beside the run queue, one piece at a time. It gives way to the queue, because what the user saves comes first. */
export class Guests {
  readonly #turns = pLimit(1);
  readonly #closing = new AbortController();
  #running: AbortController | null = null;

  constructor(
    readonly host: {
      /** Settles when the queue has nothing left to do. */
      readonly settled: () => Promise<void>;
      readonly busy: () => void;
      readonly rest: () => void;
    },
  ) {}

  /** Ends all work for good. */
  close(): void {
    this.#closing.abort();
  }

  /** Does work that consists of such pieces. The signal that it gets aborts with the given one, or when everything ends. */
  visit<T>(signal: AbortSignal, work: (turn: Guests['turn'], signal: AbortSignal) => Promise<T>): Promise<T> {
    return work(this.turn.bind(this), AbortSignal.any([signal, this.#closing.signal]));
  }

  /** Ends the piece of work that is running, which is done again when the queue has nothing left to do. */
  interrupt(): void {
    this.#running?.abort();
  }

  /** Does a piece of work. After an abort of `signal`, its result is what it makes of that. */
  turn<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#turns(async () => {
      for (;;) {
        if (!signal.aborted) await this.host.settled();
        const controller = new AbortController();
        const isInterrupted = (): boolean => controller.signal.aborted && !signal.aborted;
        this.#running = controller;
        this.host.busy();
        try {
          const value = await work(AbortSignal.any([signal, controller.signal]));
          if (!isInterrupted()) return value;
        } catch (error) {
          if (!isInterrupted()) throw error;
        } finally {
          this.#running = null;
          // Otherwise the queue is at work.
          if (!controller.signal.aborted) this.host.rest();
        }
      }
    });
  }
}
