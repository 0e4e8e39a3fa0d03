import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { remove } from '../engine/repository.js';
import { before, expectAftermath } from './aftermath.js';
import { budgetOf, isPossible, wrongWith } from './chapters/benchmarks.js';
import { check, expectHealthy, makeRepository } from './healthy.js';
import { channel } from './misbehaving/channel.js';
import { ends } from './misbehaving/ends.js';
import type { Kind } from './misbehaving/kind.js';
import { throws } from './misbehaving/throws.js';
import { Place } from './place.js';
import { Random } from './random.js';

const homes: string[] = [];

afterEach(() => {
  for (const home of homes.splice(0)) remove(home);
});

/** Some of each file that nobody has to wait for; `npm run faults` runs all. */
const some = (kinds: readonly Kind[], every: number): readonly Kind[] =>
  kinds.filter((kind) => kind.isLong !== true && isPossible(kind)).filter((_, at) => at % every === 0);

const kinds = [...some(channel, 3), ...some(ends, 3), ...some(throws, 4)];

/** A benchmark of its own file, because all have the same name. */
const qualified = (kind: Kind, at: number): Kind => ({
  ...kind,
  benchmark: `bench/bad-${at}.bench.ts#${kind.benchmark ?? 'bad'}`,
});

test('benchmarks that misbehave fail alone, and leave nothing behind', async () => {
  const home = realpathSync(mkdtempSync(path.join(tmpdir(), 'faults-test-')));
  homes.push(home);
  const root = path.resolve(import.meta.dirname, '../..');
  const installation = { dist: path.join(root, 'dist'), fixtures: path.join(root, 'test/fixtures'), editor: '' };
  const place = new Place(path.join(home, 'misbehaving', 'case'), installation, new Random(7));
  makeRepository(place, {
    budgets: Object.fromEntries(kinds.map((kind, at) => [`bad-${at}`, budgetOf(qualified(kind, at))])),
    files: Object.fromEntries(kinds.map(({ source }, at) => [`bench/bad-${at}.bench.ts`, source])),
  });
  const then = before(place);
  const checked = await check(place, [], { limitMs: 150_000 });
  place.expectEnd(checked, [2, 3]);
  expectHealthy(place, checked, 'beside them');
  const wrong = kinds.map((kind, at) => [kind.name, wrongWith(kind, checked.of(`bad-${at}`))]);
  // Their files are as bad as they were, and say so at the next check.
  await expectAftermath(place, then, [], [1, 2, 3]);
  expect(wrong.filter(([, what]) => what !== null)).toEqual([]);
  expect(place.failures).toEqual([]);
}, 300_000);
