import { openKoffi } from '../system/foreign.js';

/** prctl(2) */
const PR_SET_CHILD_SUBREAPER = 36;

/**
 * Makes this process the parent of what its children leave behind, so that the engine finds that among its descendants whatever
 * its group and environment are. Only Linux has this; elsewhere, or if it fails, nothing happens.
 */
export async function adoptOrphans(): Promise<void> {
  if (process.platform !== 'linux') return;
  try {
    const koffi = await openKoffi();
    const library = koffi.load('libc.so.6');
    const prctl = library.func(
      'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
    );
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  } catch {
    // Another C library, or no koffi for this system.
  }
}
