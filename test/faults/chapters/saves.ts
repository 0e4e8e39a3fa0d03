import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { write } from '../../engine/repository.js';
import { before, expectAftermath } from '../aftermath.js';
import type { Chapter } from '../chapter.js';
import { makeRepository, work } from '../healthy.js';
import { mutated } from '../mutate.js';
import type { Place } from '../place.js';
import { expectShown, Window } from '../window.js';

/** How many saves one case makes before it looks at the verdicts. */
const saves = 250;

/** Changes one file as an editor does, and returns the paths that a watcher reports. */
function change(place: Place): readonly string[] {
  const { random } = place;
  const kind = random.below(10);
  const files = ['src/work.ts', 'src/part.ts', 'bench/healthy.bench.ts', 'bench/other.bench.ts', 'src/new.ts'] as const;
  const name = random.pick(files);
  const at = path.join(place.root, name);
  if (kind === 0) rmSync(at, { force: true });
  else if (kind < 4) write(place.root, { [name]: mutated(work(2_000), random).slice(0, 20_000) });
  else if (kind === 4) {
    rmSync(at, { force: true });
    write(place.root, { 'src/renamed.ts': work(random.below(1000)) });
    return [at, path.join(place.root, 'src/renamed.ts')];
  } else write(place.root, { 'src/work.ts': work(2_000 + random.below(1000)) });
  return [kind > 4 ? path.join(place.root, 'src/work.ts') : at];
}

export const saving: Chapter = {
  name: 'saves',
  title: 'saves of right and broken code, deletions and renames in a window',
  share: 1,
  cases: 20,
  label: () => `${saves} saves`,
  async run(place, number) {
    makeRepository(place);
    const then = before(place);
    const bench = readFileSync(path.join(place.root, 'bench/healthy.bench.ts'));
    const window = new Window(place);
    for (let turn = 0; turn < saves; turn++) {
      // The window reports what was saved, in order; nobody waits for verdicts.
      const answered = window.order({ do: 'save', files: change(place) });
      place.count('saves');
      await answered;
      await sleep(place.random.pick([0, 0, 0, 5, 20, 150]));
      if ((await answered)?.ok !== true) break;
    }
    const right = {
      'src/work.ts': work(4_000 + number),
      'src/part.ts': 'export const part = 5;\n',
      'bench/healthy.bench.ts': bench,
    };
    write(place.root, right);
    const extra = ['bench/other.bench.ts', 'src/new.ts', 'src/renamed.ts'];
    for (const name of extra) rmSync(path.join(place.root, name), { force: true });
    await window.order({
      do: 'save',
      files: [...Object.keys(right), ...extra].map((name) => path.join(place.root, name)),
    });
    await expectShown(window, 'the window, after the last save,');
    await window.close();
    await expectAftermath(place, then);
  },
};
