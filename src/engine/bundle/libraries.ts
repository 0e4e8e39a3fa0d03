/** The benchmark libraries that a collector stands in for. */
export const libraries = ['vitest', 'tinybench', 'mitata', 'benchmark'] as const;
export type Library = (typeof libraries)[number];

/** `vitest/suite` and the like export the same functions; `vitest/config` and `vitest/node` are about something else. */
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

/** Returns the stand-in for a module: a library, or our own module with `report`, whether installed or not. */
export const standInOf = (specifier: string): string | null =>
  specifier === 'perf-budget' ? specifier : libraryOf(specifier);

/**
 * Returns what the bundle contains in place of the library. It is CommonJS, so that one text serves `import`, `require` and
 * names that only some versions of the library export. It gets the collector when the bundle is evaluated, so that each
 * evaluation keeps its own.
 */
export const libraryText = (library: string): string =>
  `module.exports = globalThis[Symbol.for('perf-budget.collector')].library(${JSON.stringify(library)});`;
