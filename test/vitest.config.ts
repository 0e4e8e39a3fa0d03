import path from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

const root = path.resolve(import.meta.dirname, '..');

/** Vitest starts the largest files first; these are small, and what they run takes longest: begun last, one would run alone. */
const long = ['/plans.test.ts', '/cli/capture.test.ts', '/bad-input.test.ts', '/observe.test.ts'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification): boolean => long.some((end) => moduleId.endsWith(end));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const tests = (...places: readonly string[]): string[] => places.map((place) => `test/${place}.test.ts`);
/** Windows of a VS Code in which no verdict depends on how busy the machine is. */
const waiting = tests(
  'editor/{baselines,causes,dashboard,fixes,host,hostile,initialize,language,package,restart,surfaces,testing,thousand,upheaval}',
);
const engine = tests('{cli,engine,faults,page}/**/*', 'worker/sample/*');

/** What needs a VS Code: one at a time, because what is measured in one should have the machine for itself. */
const editor = {
  globalSetup: 'test/editor/setup.ts',
  testTimeout: 180_000,
  hookTimeout: 180_000,
  fileParallelism: false,
};

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: tests('**/*'),
          exclude: ['test/fixtures/**', ...engine, ...tests('editor/*')],
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        test: { name: 'engine', include: engine, testTimeout: 60_000, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        root,
        test: {
          ...{ ...editor, name: 'waiting', include: waiting, sequence: { groupOrder: 2 } },
          // They wait for a window more than they compute.
          ...{ fileParallelism: true, maxWorkers: 2 },
        },
      },
      {
        root,
        test: { ...editor, name: 'editor', include: tests('editor/*'), exclude: waiting, sequence: { groupOrder: 3 } },
      },
    ],
  },
});
