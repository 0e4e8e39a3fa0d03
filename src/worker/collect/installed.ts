import { createRequire } from 'node:module';

/**
 * Returns the major version of a package as the bench file would load it, because libraries differ in what they run; null if it
 * is not installed.
 */
export function majorOf(library: string): number | null {
  const [, benchFile] = process.argv;
  if (benchFile === undefined) return null;
  try {
    const { version } = createRequire(benchFile)(`${library}/package.json`) as { version?: unknown };
    const major = Number.parseInt(String(version), 10);
    return Number.isNaN(major) ? null : major;
  } catch {
    return null;
  }
}
