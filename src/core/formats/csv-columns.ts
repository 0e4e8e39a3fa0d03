/** The columns of `export --format csv`, in order. */
export const csvColumns = [
  ...(['at', 'budget', 'benchmark', 'metric', 'value', 'low', 'high', 'unit'] as const),
  ...(['verdict', 'commit', 'dirty', 'baseline', 'machine'] as const),
] as const;
export type CsvColumn = (typeof csvColumns)[number];
