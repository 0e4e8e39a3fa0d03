/** How waiting for a process ended. */
export type Settled<Reply, End> =
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'ended'; readonly end: End }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

export interface SettleOptions<End> {
  /** Settles when no reply can come any more. */
  readonly ended: Promise<End>;
  /** Milliseconds from now, or from the last sign of life. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits for what comes first: a reply, the end, the time, the abort. Every wait for a process goes through here. `start` asks
 * for the reply; `heard` begins the time again.
 */
export function settle<Reply, End>(
  { ended, timeoutMs, signal }: SettleOptions<End>,
  start: (reply: (reply: Reply) => void, heard: () => void) => void,
): Promise<Settled<Reply, End>> {
  return new Promise((resolve) => {
    const finish = (settled: Settled<Reply, End>): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      resolve(settled);
    };
    const timer = setTimeout(() => finish({ kind: 'timeout' }), Math.max(0, timeoutMs));
    const abort = (): void => finish({ kind: 'aborted' });
    if (signal?.aborted === true) {
      abort();
      return;
    }
    signal?.addEventListener('abort', abort);
    void ended.then((end) => finish({ kind: 'ended', end }));
    start(
      (reply) => finish({ kind: 'reply', reply }),
      () => timer.refresh(),
    );
  });
}
