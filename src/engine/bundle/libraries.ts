/** The benchmark libraries that a collector stands in for. */
export const libraries = ['vitest', 'tinybench', 'mitata', 'benchmark'] as const;
export type Library = (typeof libraries)[number];

/** `vitest/suite` and the like hand out the same functions; `vitest/config` and `vitest/node` are about something else. */
const entries: Readonly<Record<string, Library>> = {
  vitest: 'vitest',
  'vitest/suite': 'vitest',
  'vitest/runners': 'vitest',
  'vitest/globals': 'vitest',
  tinybench: 'tinybench',
  mitata: 'mitata',
  benchmark: 'benchmark',
};

export const libraryOf = (specifier: string): Library | null =>
  Object.hasOwn(entries, specifier) ? (entries[specifier] ?? null) : null;

/** What the bundle has in place of a module: of a library, or of our own `report`, whether it is installed or not. */
export const standInOf = (specifier: string): string | null =>
  specifier === 'perf-budget' ? specifier : libraryOf(specifier);

/**
 * What the bundle contains in place of the library. CommonJS, so that one text serves `import`, `require` and names which
 * only some version of the library exports. Read when the bundle is evaluated: each evaluation keeps its own collector.
 */
export const libraryText = (library: string): string =>
  `module.exports = globalThis[Symbol.for('perf-budget.collector')].library(${JSON.stringify(library)});`;
