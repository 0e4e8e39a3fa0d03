/** What a unit measures. */
export type Dimension = 'time' | 'rate' | 'size' | 'share' | 'count';

/** `symbol` as the user wrote it (`us`, `ops/s`, `lines/s`, `MB/s`); a value in it times `scale` is in the base unit (ns, 1/s, B, 1). */
export interface Unit {
  readonly symbol: string;
  readonly dimension: Dimension;
  readonly scale: number;
}
