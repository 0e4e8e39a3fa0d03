/**
 * Waits for all of what begins, and only then throws the first error, so that nothing works on when its caller goes on. What
 * begins gets a signal that aborts with `signal`, and when one of them fails.
 */
export async function together<T>(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => readonly Promise<T>[],
): Promise<readonly T[]> {
  const failed = new AbortController();
  const all = begin(AbortSignal.any([signal, failed.signal]));
  try {
    return await Promise.all(all);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(all);
    throw error;
  }
}
