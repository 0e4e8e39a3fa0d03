/** Runs every step in order, also those after one that fails, and then throws the first error. */
export async function disposeAll(steps: Iterable<() => unknown>): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** Runs `work`; if that fails, closes what it opened, newest first, and throws its error. It adds what it opens to `opened`. */
export async function closingOnFailure<T>(work: (opened: (() => unknown)[]) => Promise<T>): Promise<T> {
  const opened: (() => unknown)[] = [];
  try {
    return await work(opened);
  } catch (error) {
    // The error that led here says more than one that follows from it.
    await disposeAll(opened.toReversed()).catch(() => undefined);
    throw error;
  }
}
