/** The formats that `reads` can name. */
export const readerNames = [
  ...([
    'bencher',
    'benchee',
    'benchmarkdotnet',
    'criterion',
    'github-action-benchmark',
    'go',
    'google-benchmark',
  ] as const),
  ...(['hyperfine', 'jmh', 'mitata', 'pytest-benchmark', 'tinybench', 'vitest'] as const),
] as const;
export type ReaderName = (typeof readerNames)[number];
