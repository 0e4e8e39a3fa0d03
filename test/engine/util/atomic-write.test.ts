import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeAtomically } from '../../../src/engine/util/atomic-write.js';

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'perf-budget-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test('a file is replaced, also by several writers at once', async () => {
  const root = folder();
  const file = path.join(root, 'values.json');
  const texts = Array.from({ length: 8 }, (_, index) => String(index).repeat(100_000));
  await Promise.all(texts.map((text) => writeAtomically(file, text)));
  expect(texts).toContain(readFileSync(file, 'utf8'));
  await writeAtomically(file, 'new');
  expect(readFileSync(file, 'utf8')).toBe('new');
  expect(readdirSync(root)).toEqual(['values.json']);
});

test('a write that fails leaves nothing behind', async () => {
  const root = folder();
  mkdirSync(path.join(root, 'taken', 'inside'), { recursive: true });
  await expect(writeAtomically(path.join(root, 'taken'), 'text')).rejects.toThrow();
  expect(readdirSync(root)).toEqual(['taken']);
  await expect(writeAtomically(path.join(root, 'missing', 'file'), 'text')).rejects.toThrow('ENOENT');
});
