import { readerNames } from '../../language/reader-names.js';

/** The formats that `import --format` accepts. */
export const importNames = ['csv', ...readerNames] as const;
export type ImportName = (typeof importNames)[number];
export const isImportName = (name: string): name is ImportName => importNames.some((one) => one === name);
