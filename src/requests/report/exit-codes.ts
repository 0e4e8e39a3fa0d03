/** The exit codes. If several apply, `configuration` takes precedence over `broken`, and `broken` over `failed`. */
export const exitCodes = {
  ok: 0,
  /** A budget failed, or is undecided under `--strict`. */
  failed: 1,
  /** The configuration or the usage is wrong. */
  configuration: 2,
  /** A benchmark could not run. */
  broken: 3,
  /** 128 + SIGINT, as every shell reports Ctrl-C. */
  interrupted: 130,
  /** 128 + SIGTERM. */
  terminated: 143,
} as const;

/** Returns the one of several codes that the program exits with. */
export function gravest(codes: readonly number[]): number {
  const order: readonly number[] = [exitCodes.failed, exitCodes.broken, exitCodes.configuration];
  return codes.reduce((a, b) => (order.indexOf(b) > order.indexOf(a) ? b : a), exitCodes.ok);
}
