import type { PartialMessage } from 'esbuild';
import { mockCall } from '../../core/outline/index.js';
import { Lines } from '../../core/problem.js';

/** Says what a module does that no bundle can do; empty if there is nothing. */
export function refusals(text: string, file: string): PartialMessage[] {
  const found = mockCall(text, file);
  if (found === null) return [];
  const { start } = new Lines(file, text).location({ start: found.offset, end: found.offset });
  const lineText = text.split('\n')[start.line - 1] ?? '';
  const column = Buffer.byteLength(lineText.slice(0, start.column - 1));
  const reason = `uses ${found.name}, which Perf Budget does not support: it would measure the mock.`;
  return [{ text: reason, location: { file, namespace: '', line: start.line, column, lineText } }];
}
