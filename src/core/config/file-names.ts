/** The names of our own files, all in the same folder. */

export const configFileName = 'perf-budget.jsonc';

/** The figures recorded by hand, committed with the configuration. */
export const recordsFile = 'perf-budget.values.json';

/** The captured baselines, committed with the configuration. */
export const baselinesFolder = 'perf-budget.baselines';

/** The history, and whatever else can be made again; ignored by git. */
export const cacheFolder = '.perf-budget';
