import { setFlagsFromString } from 'node:v8';

/**
 * Disables Maglev, V8's middle compiler, for code that is loaded from now on. A function whose loops were optimized while they
 * ran is then entered through Maglev's code until its 3,000th call (tiering-manager.cc). For a function of 12 µs that is
 * 0.2 s on a plateau that is five times as slow: the warm-up takes it for warm, and two copies of the same code leave it at
 * different moments. We measure code that has long been hot. Without Maglev, it gets there within the warm-up, compiled by the
 * same last compiler.
 */
export function skipPlateau(): void {
  // Before Node 22, Maglev was off, and V8 prints a message about a flag that it does not know.
  if (Number(process.versions.node.split('.')[0]) >= 22) setFlagsFromString('--no-maglev');
}
