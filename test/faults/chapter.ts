import type { Place } from './place.js';

/** One kind of trouble. A case is repeated by its number and the seed of the campaign. */
export interface Chapter {
  readonly name: string;
  /** What its table row says that it does. */
  readonly title: string;
  /** Its part of the campaign's time, relative to the other chapters. */
  readonly share: number;
  /** How many cases there are; a chapter with as many as the time allows has `Infinity`. */
  readonly cases: number;
  label(number: number): string;
  /** Makes the trouble and asserts what must hold. Failures are reported to the place; it throws only on a bug of the campaign. */
  run(place: Place, number: number): Promise<void>;
}
