import { setFlagsFromString } from 'node:v8';

/**
 * Takes V8's middle compiler out of the way of code that is loaded from now on. A function whose loops were optimized while they
 * ran is entered by way of Maglev's code from then on, until its 3,000th call (tiering-manager.cc): for one of 12 µs that is
 * 0.2 s on a plateau five times as slow, where a warm-up takes it for warm, and two copies of the same code leave it at
 * different moments. What is measured is code that has been hot for long; without Maglev it is there within the warm-up, compiled
 * by the same last compiler.
 */
export function skipPlateau(): void {
  // Before Node 22 Maglev was off, and V8 says so aloud where it does not know a flag.
  if (Number(process.versions.node.split('.')[0]) >= 22) setFlagsFromString('--no-maglev');
}
