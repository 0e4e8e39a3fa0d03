import type { Chapter } from './chapter.js';
import type { Place } from './place.js';

/** The counts of one chapter. */
export class Tally {
  cases = 0;
  failed = 0;
  skipped = 0;
  readonly counts = new Map<string, number>();

  constructor(readonly chapter: Chapter) {}

  add({ failures, skips, counts }: Place): void {
    this.cases++;
    if (failures.length > 0) this.failed++;
    if (skips.length > 0) this.skipped++;
    for (const [what, count] of counts) this.counts.set(what, (this.counts.get(what) ?? 0) + count);
  }
}

/** Returns the table of all chapters, as Markdown. */
export function summary(tallies: readonly Tally[]): string {
  const rows = tallies.map(({ chapter, cases, failed, skipped, counts }) => {
    const of = Number.isFinite(chapter.cases) && cases < chapter.cases ? ` of ${chapter.cases}` : '';
    const did = Array.from(counts, ([what, count]) => `${count.toLocaleString('en-US')} ${what}`).join(', ');
    return `| ${[chapter.name, chapter.title, `${cases}${of}`, did, failed, skipped].join(' | ')} |`;
  });
  const heads = ['chapter', 'trouble', 'cases', 'which did', 'failed', 'skipped'];
  return [`| ${heads.join(' | ')} |`, `|${heads.map(() => ' --- |').join('')}`, ...rows].join('\n');
}
