import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before, expectAftermath } from '../aftermath.js';
import type { Chapter } from '../chapter.js';
import { check, expectHealthy, makeRepository } from '../healthy.js';
import type { Place } from '../place.js';

/** Mounts a disk of its own over a folder, with what was in it; false where this system or user may not. */
function mount(folder: string, options: string): boolean {
  try {
    const kept = `${folder}.kept`;
    cpSync(folder, kept, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    cpSync(kept, folder, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

function unmount(folder: string): void {
  try {
    execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
  } catch {
    // It was not mounted.
  }
}

/** Writes until nothing more fits. */
function fill(folder: string): void {
  for (let size = 65_536, at = 0; size > 0; at++)
    try {
      writeFileSync(path.join(folder, `filling-${at}`), Buffer.alloc(size));
    } catch {
      size = size === 65_536 ? 512 : 0;
    }
}

const readOnly = (folder: string): void =>
  void execFileSync('mount', ['-o', 'remount,ro', folder], { stdio: 'ignore' });

interface Kind {
  readonly name: string;
  /** Which folder is on the bad disk. */
  readonly where: 'workspace' | '.perf-budget' | 'TMPDIR';
  readonly harm: (folder: string) => void;
  /** Whether the history exists before. */
  readonly known: boolean;
  /** The codes that a check may end with, because it needs the disk. */
  readonly codes: readonly number[];
}

const kinds: readonly Kind[] = (['workspace', '.perf-budget', 'TMPDIR'] as const).flatMap((where) =>
  [true, false].flatMap((known): readonly Kind[] => {
    const when = known ? 'with a history' : 'at the first check';
    // Bundles are files of the folder for temporary files, so nothing can be measured without.
    const codes = where === 'TMPDIR' ? [1, 2, 3] : [1];
    return [
      { name: `${where} is full, ${when}`, where, harm: fill, known, codes },
      { name: `${where} is read-only, ${when}`, where, harm: readOnly, known, codes },
    ];
  }),
);

export const disks: Chapter = {
  name: 'disks',
  title: 'full and read-only disks',
  share: 0.7,
  cases: kinds.length,
  label: (number) => kinds[number]?.name ?? '',
  async run(place, number) {
    const kind = kinds[number];
    if (kind === undefined) return;
    makeRepository(place);
    mkdirSync(path.join(place.folder, 'out'), { recursive: true });
    if (kind.known) place.expectEnd(await check(place), [1]);
    const then = before(place);
    const folder =
      kind.where === 'workspace' ? place.root : kind.where === 'TMPDIR' ? place.tmp : path.join(place.root, kind.where);
    mkdirSync(folder, { recursive: true });
    if (!mount(folder, 'size=1m')) {
      place.skip(`${kind.name}: no disk of its own can be mounted here`);
      unmount(folder);
      return;
    }
    try {
      kind.harm(folder);
      await withBadDisk(place, kind);
    } finally {
      unmount(folder);
    }
    await expectAftermath(place, then);
  },
};

async function withBadDisk(place: Place, { where, codes }: Kind): Promise<void> {
  const checked = await check(place);
  place.expectEnd(checked, codes);
  if (codes.length === 1) expectHealthy(place, checked, `with a bad disk under ${where},`);
  for (const args of [
    ['history'],
    ['capture', '--name', 'v1', '--reason', 'slow is known'],
    ['report', '--markdown', '-'],
    ['record', 'hand', '0.5'],
  ])
    place.expectEnd(await place.perfBudget(args), [0, 1, 2, 3]);
  place.count('commands', 5);
  const folder = path.join(place.root, '.perf-budget');
  const broken = existsSync(folder) ? readdirSync(folder).filter((name) => name.includes('.broken')) : [];
  if (broken.length > 0) place.fail(`a whole database was moved aside: ${broken.join(', ')}`);
}
