/** Returns the names that begin with each path of suites: all that a command of that name may have. */
export function claimed(names: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const byPath = new Map<string, string[]>();
  for (const name of names) {
    for (let end = name.indexOf('/'); ; end = name.indexOf('/', end + 1)) {
      const path = end === -1 ? name : name.slice(0, end);
      const known = byPath.get(path);
      if (known === undefined) byPath.set(path, [name]);
      else known.push(name);
      if (end === -1) break;
    }
  }
  return byPath;
}

/** Whether there is a name that is not among the others. */
export function hasMore(names: readonly string[], than: readonly string[]): boolean {
  const known = new Set(than);
  return names.some((name) => !known.has(name));
}
