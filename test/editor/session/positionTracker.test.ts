import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lines, type Location } from '../../../src/core/problem.js';
import { PositionTracker, type Edit } from '../../../src/editor/session/positionTracker.js';

const file = '/demo/src/lru.ts';

/** A document that is edited as an editor does it: every edit of an event in the coordinates before the event. */
class Document {
  readonly moved = new PositionTracker();

  constructor(public text: string) {}

  find(name: string): Location {
    const start = this.text.indexOf(name);
    return new Lines(file, this.text).location({ start, end: start + name.length });
  }

  replace(...changes: readonly { start: number; end: number; text: string }[]): void {
    const lines = new Lines(file, this.text);
    const edits = changes.map(({ start, end, text }): Edit => ({
      start: lines.position(start),
      end: lines.position(end),
      text,
    }));
    for (const { start, end, text } of changes.toSorted((a, b) => b.start - a.start)) {
      this.text = this.text.slice(0, start) + text + this.text.slice(end);
    }
    this.moved.edited(file, edits);
  }

  insert(before: string, text: string): void {
    const start = this.text.indexOf(before);
    this.replace({ start, end: start, text });
  }

  /** Replaces the first `before`. */
  change(before: string, after: string): void {
    const start = this.text.indexOf(before);
    this.replace({ start, end: start + before.length, text: after });
  }
}

const source = 'import a from "a";\n\nexport function lookup(key) {\n  return key;\n}\n';

describe('a place in an edited document', () => {
  const edits: readonly (readonly [string, (document: Document) => void])[] = [
    ['lines above', (document) => document.change('\n\n', '\n\n// a\n// b\n')],
    ['lines above taken away', (document) => document.change('import a from "a";\n', '')],
    ['text before it on its line', (document) => document.change('export ', 'export async ')],
    ['text right before it', (document) => document.insert('lookup', '*')],
    ['text right after it', (document) => document.insert('(key)', '<T>')],
    ['text below', (document) => document.change('return key;', 'return 1;\n')],
    ['its line joined to the one above', (document) => document.change('\n\nexport', ' export')],
    ['its line split', (document) => document.change('export function ', 'export function\r\n  ')],
    [
      'several at once, in any order',
      (document) =>
        document.replace({ start: 0, end: 0, text: '#!/usr/bin/env node\n' }, { start: 20, end: 27, text: 'async ' }),
    ],
  ];

  test.each(edits)('%s', (_, edit) => {
    const document = new Document(source);
    const place = document.find('lookup');
    edit(document);
    expect(document.moved.now(place, file)).toEqual(document.find('lookup'));
  });

  test('that is deleted is where it was deleted', () => {
    const document = new Document(source);
    const place = document.find('lookup');
    document.change('function lookup(key)', '');
    const at = { line: 3, column: 8 };
    expect(document.moved.now(place, file)).toEqual({ file, start: at, end: at });
  });

  test('follows any edits around it', () => {
    const edit = fc.record({
      before: fc.boolean(),
      start: fc.nat(),
      length: fc.nat(12),
      text: fc.constantFrom('', 'x', '\n', 'ab\ncd', '\n\n', 'one\r\ntwo\r\n'),
      ask: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 20 }), (changes) => {
        const document = new Document('const a = 1;\nconst b = 2;\n  lookup();\nconst c = 3;\nconst d = 4;\n');
        const place = document.find('lookup');
        for (const { before, start, length, text, ask } of changes) {
          const name = document.text.indexOf('lookup');
          const from = before ? start % (name + 1) : name + 6 + (start % (document.text.length - name - 5));
          const end = Math.min(from + length, before ? name : document.text.length);
          document.replace({ start: from, end, text });
          if (ask) expect(document.moved.now(place, file)).toEqual(document.find('lookup'));
        }
        expect(document.moved.now(place, file)).toEqual(document.find('lookup'));
      }),
    );
  });
});

describe('a save', () => {
  test('leaves an old place where it has come to, and takes a new one as found in the saved text', () => {
    const document = new Document(source);
    const old = document.find('lookup');
    expect(document.moved.now(old, file)).toBe(old);
    document.change('export', '\nexport');
    document.moved.saved(file);
    const found = document.find('lookup');
    expect([document.moved.now(old, file), document.moved.now(found, file)]).toEqual([found, found]);
    document.change('export', '\n\nexport');
    const now = document.find('lookup');
    expect([document.moved.now(old, file), document.moved.now(found, file)]).toEqual([now, now]);
  });

  test('moves a place that is first asked for after later edits by those alone', () => {
    const document = new Document(source);
    document.change('export', '\nexport');
    document.moved.saved(file);
    const found = document.find('lookup');
    document.change('export', '\nexport');
    expect(document.moved.now(found, file)).toEqual(document.find('lookup'));
  });
});

test('what was undone is where it was', () => {
  const document = new Document(source);
  const place = document.find('lookup');
  document.change('function lookup(key)', '');
  document.moved.now(place, file);
  document.moved.reset(file);
  expect(document.moved.now(place, file)).toBe(place);
});

test('a file that nobody edits costs nothing', () => {
  const place = new Document(source).find('lookup');
  expect(new PositionTracker().now(place, file)).toBe(place);
});
