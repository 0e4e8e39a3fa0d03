import path from 'node:path';
import { expect, it, vi } from 'vitest';

const { posix, win32 } = path;

it.each([
  [true, posix, '/a/b', '/a/b'],
  [true, posix, '/a/b', '/a/b/c'],
  [true, posix, '/a/b', '/a/b/..c'],
  [false, posix, '/a/b', '/a/bc'],
  [false, posix, '/a/b', '/a'],
  [false, posix, '/a/b', '/a/c'],
  [true, win32, String.raw`C:\a`, 'c:/a/b'],
  [false, win32, String.raw`C:\a`, String.raw`D:\a\b`],
])('says %s of being within', async (expected, system, folder, file) => {
  vi.resetModules();
  vi.doMock('node:path', () => ({ ...system, default: system }));
  const { isWithin } = await import('../../../src/engine/util/paths.js');
  expect(isWithin(folder, file)).toBe(expected);
});
