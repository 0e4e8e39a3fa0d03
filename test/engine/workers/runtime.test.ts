import { expect, test } from 'vitest';
import { refusalOf } from '../../../src/engine/workers/runtime.js';

test('a Node that is too old is refused with the way out', () => {
  const refusal = refusalOf('18.20.4');
  // Each Node that can measure, and both places to name one.
  for (const word of ['18.20.4', '20', '22', '24', '26', 'perfBudget.node', '--node']) {
    expect(refusal).toMatch(new RegExp(`(?<![\\d.])${word.replaceAll('.', '\\.')}(?![\\d.])`));
  }
  expect(refusal).not.toContain('\n');
});

test.each(['18.0.0', '16.20.2', '19.9.0', '0.12.18'])('%s is too old', (version) => {
  expect(refusalOf(version)).not.toBeNull();
});

// One that does not start has no version, and starting it says more than its refusal would.
test.each(['20.0.0', '20.20.2', '22.23.5', '24.21.0', '26.12.1', '100.0.0', 'unknown'])('%s may measure', (version) => {
  expect(refusalOf(version)).toBeNull();
});
