import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { write } from '../../engine/repository.js';
import { before, expectAftermath } from '../aftermath.js';
import type { Chapter } from '../chapter.js';
import { check, expectHealthy, harmless, makeRepository, work } from '../healthy.js';
import type { Place } from '../place.js';
import { expectShown, Window } from '../window.js';

const file = (place: Place): string => path.join(place.root, 'src/work.ts');

export const together: Chapter = {
  name: 'together',
  title: 'two windows, a check and a capture at once, with saves',
  share: 1,
  cases: Infinity,
  label: () => 'two windows, a check and a capture',
  async run(place, number) {
    makeRepository(place);
    const then = before(place);
    const windows = [new Window(place), new Window(place)] as const;
    const save = async (turns: number): Promise<void> => {
      write(place.root, { 'src/work.ts': work(turns) });
      // Both are told, as the watcher of each window does.
      for (const window of windows) void window.order({ do: 'save', files: [file(place)] });
      place.count('saves');
      await sleep(place.random.uniform() * 400);
    };
    for (let round = 0; round < 3; round++) {
      const running = [
        check(place, place.random.below(2) === 0 ? [] : harmless),
        place.perfBudget(['capture', '--name', `v${number}-${round}`, '--reason', 'slow is known']),
      ] as const;
      for (let left = 3; left > 0; left--) await save(2_100 + place.random.below(500));
      const [checked, captured] = await Promise.all(running);
      place.expectEnd(checked, [1]);
      expectHealthy(place, checked, 'beside two windows');
      // A save during a capture may make it refuse.
      place.expectEnd(captured, [0, 1, 2, 3]);
      place.count('checks and captures', 2);
    }
    await save(2_700 + number);
    for (const [at, window] of windows.entries()) await expectShown(window, `window ${at + 1}`);
    for (const window of windows) await window.close();
    place.expectEnd(await place.perfBudget(['capture', '--use', 'none']), [0]);
    await expectAftermath(place, then);
  },
};
