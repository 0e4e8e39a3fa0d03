import fc from 'fast-check';
import stringWidth from 'string-width';
import { afterEach, expect, test, vi } from 'vitest';
import { settleColors } from '../../../src/engine/util/color-settings.js';
import { paint } from '../../../src/requests/lines/paint.js';
import { table, wrapped } from '../../../src/requests/lines/table.js';
import { linesText } from '../../../src/cli/terminal/terminal.js';
import { visible } from '../../../src/core/text/escape.js';
import { hostile } from '../../core/text/hostile.js';

afterEach(() => vi.unstubAllEnvs());

/** A report as the commands make it: a table, a sentence that is broken into lines, a message. */
function report(text: string, width: number): string {
  const rows = [
    { cells: [`${paint('green', '✓')} ${text}`, '1 ms', paint('dim', text)] },
    { cells: [paint('bold', text)], rest: text },
  ];
  return linesText([
    ...table(rows, ['left', 'right', 'left'], width),
    ...wrapped(`${text}: the figures vary`, width, '  '),
    text,
    paint(['bold', 'red'], text),
  ]);
}

/** Colours that `paint` was asked for above, and their ends. */
const ours = /\u001b\[(?:32|39|2|22|1|31)m/g; // eslint-disable-line no-control-regex

test.each([Infinity, 40])(
  'whatever a name is, a terminal %s wide gets only its own colours and line breaks',
  (width) => {
    for (const isColored of [true, false]) {
      vi.stubEnv('NO_COLOR', isColored ? undefined : '1').stubEnv('FORCE_COLOR', isColored ? '1' : undefined);
      const escapes = (text: string): number => text.split('\u001b').length;
      fc.assert(
        fc.property(hostile, (text) => {
          const written = report(text, width);
          const rest = isColored ? written.replaceAll(ours, '') : written;
          // eslint-disable-next-line no-control-regex
          expect(rest).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\p{Cs}]/u);
          expect(rest).not.toMatch(/^\s*::/m);
          expect(rest).not.toMatch(/##\w*\[/);
          if (isColored && width === Infinity && stringWidth(visible(text)) > 0) {
            // As many colours as around any other name; a column whose names have no width takes no room.
            expect(escapes(written)).toBe(escapes(report('name', width)));
          }
          // Only a line of ours begins at the edge.
          const [, ...further] = linesText([`name: ${text}`])
            .trimEnd()
            .split('\n');
          expect(further.filter((line) => !/^(?: {2}|$)/.test(line))).toEqual([]);
        }),
        { numRuns: 500 },
      );
    }
  },
);

test('a message keeps its lines, a name in a table does not', () => {
  expect(linesText(['a: first\nsecond\r\n::error::third\t!'])).toBe('a: first\n    second\n    : :error::third  !\n');
  expect(table([{ cells: ['a\nb', 'c'] }], ['left', 'left'])).toEqual(['a b   c']);
  expect(wrapped('one two\nthree', 7, '  ')).toEqual(['one two', '  three']);
});

test('NO_COLOR wins over FORCE_COLOR, unless it is empty', () => {
  const settled = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
    settleColors(env);
    return env;
  };
  expect(settled({ NO_COLOR: '1', FORCE_COLOR: '1' })).toEqual({ NO_COLOR: '1' });
  expect(settled({ NODE_DISABLE_COLORS: '1', FORCE_COLOR: '3' })).toEqual({ NODE_DISABLE_COLORS: '1' });
  expect(settled({ NO_COLOR: '', FORCE_COLOR: '1' })).toEqual({ NO_COLOR: '', FORCE_COLOR: '1' });
  expect(settled({ FORCE_COLOR: '0' })).toEqual({ FORCE_COLOR: '0' });
});
