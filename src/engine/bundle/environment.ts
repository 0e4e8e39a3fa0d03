/** Returns the names of the environment variables that code reads by name, sorted. */
export function variablesOf(code: string): readonly string[] {
  const single = code.matchAll(/\benv(?:\?\.|\.|(?:\?\.)?\[\s*["'`])([A-Za-z_]\w*)/g);
  const several = code.matchAll(/\{([^{}]*)\}\s*=\s*(?:\w+\.)*env\b/g);
  const names = new Set([
    ...Array.from(single, ([, name = '']) => name),
    ...Array.from(several, ([, list = '']) => list.match(/(?<=^\s*|,\s*)\w+/g) ?? []).flat(),
  ]);
  return [...names].sort();
}

/**
 * Returns the environment variables that code reads by name, with their values, as one text; empty if it reads none. Like
 * the code, they decide which benchmarks there are and what they do.
 */
export function environmentOf(code: string, environment: Readonly<Record<string, string | undefined>>): string {
  const names = variablesOf(code);
  return names.length === 0 ? '' : JSON.stringify(names.map((name) => [name, environment[name] ?? null]));
}
