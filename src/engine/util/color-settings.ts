/**
 * Makes two settings agree that contradict each other: NO_COLOR, if it is not empty, wins over FORCE_COLOR (https://no-color.org).
 * Node takes the other one and warns of it, in every process that inherits both.
 */
export function settleColors(env: NodeJS.ProcessEnv): void {
  const isOff = ['NO_COLOR', 'NODE_DISABLE_COLORS'].some((name) => (env[name] ?? '') !== '');
  if (isOff) delete env['FORCE_COLOR'];
}
