/** Whoever shares these works alone, first come, first served: several loops that each come again and again take turns. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does `work` when all who came before are done with theirs. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}
