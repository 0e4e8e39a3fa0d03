import { expect, test } from 'vitest';
import { readReply } from '../../../src/engine/workers/replies.js';

const bytes = { bytes: 3, error: 1 };
const allocations = {
  ...{ calls: 1, heap: 3, external: 0 },
  functions: [{ function: 'f', url: 'a', line: 0, column: 4, warm: bytes, apart: bytes }],
  edges: [{ caller: 0, callee: 0, inlined: true }],
};
const path = [{ kind: 'inside', of: 'Map', name: '' }];
const group = { constructor: 'Entry', path, count: 1, bytes: 2, allocatedIn: null };
const retainers = { cycles: 1, groups: [group], tooLarge: null };

test.each([
  { type: 'observed', kind: 'allocations', allocations },
  { type: 'observed', kind: 'retainers', retainers },
])('a reply of the kind $kind is one', (reply) => {
  expect(readReply({ to: 1, reply })).toEqual({ to: 1, reply });
});

test.each([
  { kind: 'allocations', allocations: { ...allocations, edges: [{ caller: 0, callee: 1, inlined: true }] } },
  { kind: 'allocations', allocations: { ...allocations, heap: NaN } },
  { kind: 'retainers', retainers: { ...retainers, groups: [{ ...group, constructor: 1 }] } },
  { kind: 'retainers', retainers: { ...retainers, groups: [{ count: 1, bytes: 2, path, allocatedIn: null }] } },
  {
    kind: 'retainers',
    retainers: { ...retainers, groups: [{ ...group, path: [{ kind: 'guess', of: '', name: '' }] }] },
  },
])('what cannot be a reply is none: %j', (reply) => {
  expect(readReply({ to: 1, reply: { type: 'observed', ...reply } })).toBeNull();
});
