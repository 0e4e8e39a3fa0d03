import { describe, expect, it } from 'vitest';
import { countedBy, parseQuantity, unitOf } from '../../../src/core/language/quantity.js';

describe('parseQuantity', () => {
  it.each([
    ['1.5 us', 1_500, 'us', 'time'],
    ['2 µs', 2_000, 'µs', 'time'],
    ['.5ms', 500_000, 'ms', 'time'],
    ['2 s', 2e9, 's', 'time'],
    ['1 min', 60e9, 'min', 'time'],
    ['1 h', 3_600e9, 'h', 'time'],
    ['1e3 ns', 1_000, 'ns', 'time'],
    ['600k ops/s', 600_000, 'ops/s', 'rate'],
    ['1.2M ops/s', 1_200_000, 'ops/s', 'rate'],
    ['600 kops/s', 600_000, 'kops/s', 'rate'],
    ['10,000 lines/s', 10_000, 'lines/s', 'rate'],
    ['1_000_000 lines/s', 1_000_000, 'lines/s', 'rate'],
    ['83 MB/s', 83e6, 'MB/s', 'rate'],
    ['5 KiB/s', 5_120, 'KiB/s', 'rate'],
    ['36 KB', 36_000, 'KB', 'size'],
    ['3MB', 3e6, 'MB', 'size'],
    ['1 GiB', 2 ** 30, 'GiB', 'size'],
    ['95 %', 0.95, '%', 'share'],
    ['7.5%', 0.075, '%', 'share'],
    ['-3 ms', -3e6, 'ms', 'time'],
  ])('reads %s', (text, value, symbol, dimension) => {
    const read = parseQuantity(text);
    if (!read.ok) throw new Error(read.error.message);
    expect({ ...read.value, unit: { symbol: read.value.unit?.symbol, dimension: read.value.unit?.dimension } }).toEqual(
      {
        value,
        unit: { symbol, dimension },
        range: { start: 0, end: text.length },
      },
    );
  });

  it('reads numbers without a unit', () => {
    expect(parseQuantity(' 1,000k ')).toEqual({
      ok: true,
      value: { value: 1e6, unit: null, range: { start: 1, end: 7 } },
    });
  });

  it.each([
    ['', 0, 0, 'A quantity is missing, such as 1.5 ms.', undefined],
    ['fast', 0, 4, 'fast is not a quantity such as 1.5 ms.', undefined],
    ['3 mss', 2, 5, 'mss is not a unit; did you mean ms?', 'ms'],
    ['3 mb', 2, 4, 'mb is not a unit; did you mean MB?', 'MB'],
    ['2 seconds', 2, 9, 'seconds is not a unit; did you mean s?', 's'],
    ['5 usec', 2, 6, 'usec is not a unit; did you mean us?', 'us'],
    ['5 ops/sec', 2, 9, 'ops/sec is not a unit; did you mean ops/s?', 'ops/s'],
    ['5 lines/min', 2, 11, 'lines/min is not a unit; a rate is per second, such as ops/s.', undefined],
    ['3 parsecs', 2, 9, 'parsecs is not a unit.', undefined],
    ['1,5 ms', 0, 3, '1,5 is not a number: write 1.5, 1500, 1,500 or 1_500.', undefined],
    ['1.2.3 ms', 0, 5, '1.2.3 is not a number: write 1.5, 1500, 1,500 or 1_500.', undefined],
    ['1e999 ms', 0, 8, '1e999 ms is too large.', undefined],
    ['3 ms or so', 5, 10, 'There is text after 3 ms.', undefined],
  ])('refuses %s', (text, start, end, message, suggestion) => {
    expect(parseQuantity(text)).toEqual({
      ok: false,
      error: { range: { start, end }, message, ...(suggestion === undefined ? {} : { suggestion }) },
    });
  });
});

it('says what a rate counts', () => {
  const counted = ['ops/s', 'kops/s', 'lines/s', 'MB/s', 'KiB/s', 'keys/s'].map((symbol) => {
    const unit = unitOf(symbol);
    return unit === null ? null : countedBy(unit);
  });
  expect(counted).toEqual(['ops', 'ops', 'lines', 'B', 'B', 'keys']);
});
