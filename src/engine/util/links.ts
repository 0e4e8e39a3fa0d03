import { realpath } from 'node:fs/promises';

/**
 * Leaves out the files that are there once more because a symbolic link leads to their folder, or to a folder above it. The
 * shortest path counts.
 */
export async function withoutCopies(files: readonly string[]): Promise<readonly string[]> {
  const sorted = [...files].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const real = await Promise.all(sorted.map((file) => realpath(file).catch(() => file)));
  const first = new Map(real.map((one, index) => [one, sorted[index] ?? one] as const).toReversed());
  return [...first.values()].toReversed();
}
