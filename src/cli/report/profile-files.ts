import type { Explained } from '../../engine/explain/request.js';

/** The name of a file and its text. */
export interface ProfileFile {
  readonly name: string;
  readonly text: string;
}

/** Returns two files for each budget of which a profile was taken: `parse.baseline.cpuprofile` and `parse.current.cpuprofile`. */
export function profileFiles(explained: readonly Explained[]): readonly ProfileFile[] {
  const used = new Set<string>();
  return explained.flatMap(({ budget, profiles }) => {
    if (profiles === null) return [];
    const name = unused(fileName(budget), used);
    return (['baseline', 'current'] as const).map((side) => ({
      name: `${name}.${side}.cpuprofile`,
      text: JSON.stringify(profiles[side]),
    }));
  });
}

/** With what follows it, no name is longer in UTF-8 than the 255 bytes that file systems allow. */
const longestName = 50;

/** Returns a name that every file system takes, in the folder that it is put into. */
function fileName(budget: string): string {
  const plain = Array.from(budget.replaceAll(/[^\p{L}\p{N}._ -]+/gu, '-'))
    .slice(0, longestName)
    .join('')
    .replaceAll(/^[. -]+|[. -]+$/g, '');
  // Windows has no files of these names, whatever follows them.
  return plain === '' || /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(plain) ? `budget ${plain}`.trim() : plain;
}

/** Returns a name that no other budget has, also where case makes no difference. */
function unused(name: string, used: Set<string>): string {
  for (let count = 1; ; count++) {
    const one = count === 1 ? name : `${name} ${count}`;
    const key = one.toLowerCase();
    if (used.has(key)) continue;
    used.add(key);
    return one;
  }
}
