import { InvalidArgumentError } from 'commander';
import type { Shard } from './options.js';

/** Readers of the numbers in arguments. */

/** Reads a shard such as `2/4`. */
export function part(text: string): Shard {
  const [, index, all] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index !== undefined && all !== undefined && index >= 1 && index <= all && all <= 10_000) {
    return { index, count: all };
  }
  throw new InvalidArgumentError('Expected a part and the number of parts, such as 1/4.');
}

export function times(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0 && number <= 100) return number;
  throw new InvalidArgumentError('Expected a number such as 1.');
}

export function count(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('Expected a number of runs such as 20.');
}

export function commits(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0 && number <= 1_000_000) return number;
  throw new InvalidArgumentError('Expected a number of commits such as 50.');
}
