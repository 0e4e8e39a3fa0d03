/** A request that cannot be fulfilled. The message is a sentence that says what to do instead; the exit code is 2. */
export class UsageError extends Error {}

/** There is no `perf-budget.jsonc` where one was looked for. */
export class NoConfigError extends UsageError {}
