import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Lines } from '../../src/core/problem.js';

it('places are those of the text, in whatever order they are asked for', () => {
  const texts = fc.string({ unit: fc.constantFrom('a', 'ü', '\n', '\r\n'), maxLength: 40 });
  fc.assert(
    fc.property(texts, fc.array(fc.nat(40), { maxLength: 12 }), (text, offsets) => {
      const lines = new Lines('/a', text);
      for (const offset of offsets.filter((one) => one <= text.length)) {
        const before = text.slice(0, offset).split('\n');
        const position = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
        expect(lines.position(offset)).toEqual(position);
        expect(lines.offset(position)).toBe(offset);
      }
    }),
  );
});
