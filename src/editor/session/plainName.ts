/** Returns a name as every file system takes it. */
export const plainName = (name: string): string =>
  name
    .replaceAll(/[^\p{L}\p{N}._+-]+/gu, ' ')
    .slice(0, 60)
    .trim();
