import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export interface CampaignOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Names of chapters; all if null. */
  readonly only: readonly string[] | null;
  readonly number: number | null;
  readonly jobs: number;
  readonly keep: boolean;
}

/** Throws, with a sentence, on what it does not know. */
export function readOptions(args: readonly string[]): CampaignOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      minutes: { type: 'string', default: '10' },
      only: { type: 'string' },
      case: { type: 'string' },
      jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
      keep: { type: 'boolean', default: false },
    },
  });
  const number = (name: string, text: string): number => {
    const found = Number(text);
    if (!Number.isFinite(found) || found < 0) throw new Error(`--${name} takes a number, not "${text}"`);
    return found;
  };
  return {
    seed: number('seed', values.seed),
    minutes: number('minutes', values.minutes),
    only: values.only?.split(',') ?? null,
    number: values.case === undefined ? null : number('case', values.case),
    jobs: Math.max(1, number('jobs', values.jobs)),
    keep: values.keep,
  };
}
