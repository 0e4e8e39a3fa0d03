import { rmSync } from 'node:fs';
import path from 'node:path';
import type { Chapter } from './chapter.js';
import { chapters } from './chapters/index.js';
import { readOptions, type CampaignOptions } from './options.js';
import { Place, type Installation } from './place.js';
import { Random } from './random.js';
import { summary, Tally } from './table.js';

/** Ctrl-C ends the campaign after the running cases, with its table. */
const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupt.abort());

/** Runs one case and returns its place, whose folder is gone unless it is kept. */
async function runCase(
  chapter: Chapter,
  number: number,
  { seed, keep }: CampaignOptions,
  home: string,
): Promise<Place> {
  const installation: Installation = {
    dist: path.join(home, 'dist'),
    fixtures,
    editor: path.join(home, 'faults/editor.mjs'),
  };
  const folder = path.join(home, `${chapter.name}-${number}`, 'case');
  const place = new Place(folder, installation, new Random(seed, chapter.name, number));
  try {
    await chapter.run(place, number);
  } catch (error) {
    place.fail(`the campaign itself threw: ${error instanceof Error ? (error.stack ?? '') : String(error)}`);
  }
  if (!keep) rmSync(path.dirname(folder), { recursive: true, force: true, maxRetries: 5 });
  return place;
}

/** Runs a chapter's cases, several at once, until there are none left or the time (of `performance.now()`) is over. */
async function runChapter(chapter: Chapter, until: number, options: CampaignOptions, home: string): Promise<Tally> {
  const tally = new Tally(chapter);
  const all = Number.isFinite(chapter.cases) ? Array.from({ length: chapter.cases }, (_, at) => at) : null;
  // Where not all fit, a seed runs others than the next one.
  const order = all === null ? null : new Random(options.seed, chapter.name).shuffle(all);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (performance.now() < until && !interrupt.signal.aborted) {
      const at = next++;
      const number = order === null ? at : order[at];
      if (number === undefined) return;
      const place = await runCase(chapter, number, options, home);
      tally.add(place);
      report(chapter, number, place, options.seed);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, lane));
  return tally;
}

const shownFailures = 6;

/** What a case printed must not do to this terminal what it should not do to others. */
const visible = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (found) => (found === '\n' ? found : JSON.stringify(found)));

function report(chapter: Chapter, number: number, { failures, skips }: Place, seed: number): void {
  for (const skip of skips) console.log(`- ${chapter.name} ${number}, skipped: ${skip}`);
  if (failures.length === 0) return;
  console.log(`\n✗ ${chapter.name} ${number}: ${chapter.label(number)}`);
  for (const failure of failures.slice(0, shownFailures)) console.log(`  ${visible(failure)}`);
  if (failures.length > shownFailures) console.log(`  and ${failures.length - shownFailures} more`);
  console.log(`  npm run faults -- --seed ${seed} --only ${chapter.name} --case ${number}`);
}

const [home = '', fixtures = '', ...args] = process.argv.slice(2);
const options = readOptions(args);
const known = chapters.map(({ name }) => name);
const unknown = options.only?.find((name) => !known.includes(name));
if (unknown !== undefined) throw new Error(`There is no chapter "${unknown}". There are ${known.join(', ')}.`);
const selected = chapters.filter(({ name }) => options.only?.includes(name) ?? true);

const started = performance.now();
const end = started + options.minutes * 60_000;
const tallies: Tally[] = [];
console.log(`seed ${options.seed}, ${options.minutes} minutes, ${options.jobs} at a time`);
for (const [at, chapter] of selected.entries()) {
  if (interrupt.signal.aborted) break;
  if (options.number !== null) {
    const place = await runCase(chapter, options.number, options, home);
    const tally = new Tally(chapter);
    tally.add(place);
    tallies.push(tally);
    report(chapter, options.number, place, options.seed);
    continue;
  }
  // What an earlier chapter did not need is for the later ones.
  const shares = selected.slice(at).reduce((sum, { share }) => sum + share, 0);
  const until = performance.now() + ((end - performance.now()) * chapter.share) / shares;
  tallies.push(await runChapter(chapter, until, options, home));
}
console.log(
  `\n${summary(tallies)}\n\n${((performance.now() - started) / 60_000).toFixed(1)} minutes, seed ${options.seed}`,
);
process.exitCode = tallies.some(({ failed }) => failed > 0) ? 1 : 0;
