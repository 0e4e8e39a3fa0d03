/** The formats for exporting the history, as `export --format` names them. */
export const writerNames = ['bencher', 'csv', 'github-action-benchmark', 'otlp'] as const;
export type WriterName = (typeof writerNames)[number];
export const isWriterName = (name: string): name is WriterName => writerNames.some((one) => one === name);
