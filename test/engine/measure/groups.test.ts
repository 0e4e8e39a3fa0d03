import { expect, test } from 'vitest';
import { groupsOf } from '../../../src/engine/measure/groups.js';

test.each([
  [[], [['a'], ['b'], ['c'], ['d'], ['e']]],
  [[['d', 'b']], [['a'], ['b', 'd'], ['c'], ['e']]],
  // By way of others, and whatever else is linked to something that is not asked for.
  [
    [
      ['e', 'c'],
      ['b', 'a', 'x'],
      ['a', 'c'],
    ],
    [['a', 'b', 'c', 'e'], ['d']],
  ],
  [
    [['x', 'y'], []],
    [['a'], ['b'], ['c'], ['d'], ['e']],
  ],
])('what is linked by %j is %j', (linked, groups) => {
  expect(groupsOf(['a', 'b', 'c', 'd', 'e'], linked)).toEqual(groups);
});
