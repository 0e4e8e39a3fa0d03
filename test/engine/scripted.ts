import path from 'node:path';
import process from 'node:process';

const module = path.resolve(import.meta.dirname, '../cli/scripted-measurement.cjs');

/**
 * Has the workers that this process starts answer for the loop of `work()` in ../cli/project.ts, for tests of what happens with
 * figures.
 */
export function scriptMeasurements(): void {
  process.env['NODE_OPTIONS'] = `--require="${module}"`;
}
