import path from 'node:path';
import { defineConfig } from 'vitest/config';

const root = path.resolve(import.meta.dirname, '..');
const exclude = ['test/fixtures/**'];

export default defineConfig({
  test: {
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/editor/**', ...exclude],
          testTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        root,
        test: {
          name: 'editor',
          include: ['test/editor/**/*.test.ts'],
          exclude,
          globalSetup: 'test/editor/setup.ts',
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // One at a time, after the others: what is measured there should have the machine for itself.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
