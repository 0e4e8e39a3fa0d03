import { createRequire } from 'node:module';
import type koffi from 'koffi';

/** Foreign-function calls into a library of the system. */
export type Koffi = typeof koffi;

const load = createRequire(import.meta.url);

/**
 * Returns koffi. Its own entry reads the file of Node to find out which build fits, and loads Node's streams on the way: a tenth of
 * all that a process takes to start. So the usual build is tried first. Throws if there is none for this system.
 */
export async function openKoffi(): Promise<Koffi> {
  const system = `linux_${process.arch}`;
  try {
    if (process.platform === 'linux') return load(`@koromix/koffi-linux-${process.arch}/${system}/koffi.node`) as Koffi;
  } catch {
    // Another C library, or a build of the user's own.
  }
  return (await import('koffi')).default;
}
