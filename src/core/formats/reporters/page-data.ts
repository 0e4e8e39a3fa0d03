import type { Series, Trend } from './trend.js';

/** A trend as embedded in a page: numbers as base64 of little-endian arrays, fast to read and read only when drawn. */
export interface TrendText extends Pick<Trend, 'machine'> {
  readonly at: string;
  readonly verdict: string;
  /** Separated by spaces; empty if it repeats the one before, `-` if there is none. */
  readonly commit: string;
  readonly series: readonly (Omit<Series, Column> & Readonly<Record<Column, string>>)[];
}

type Column = 'value' | 'low' | 'high' | 'baseline';

export function trendText({ machine, at, verdict, commit, series }: Trend): TrendText {
  return {
    machine,
    at: encode(Uint32Array.from(at)),
    verdict: encode(verdict),
    commit: commit.map((one, index) => (one === commit[index - 1] ? '' : one || '-')).join(' '),
    series: series.map((own) => ({
      ...own,
      value: encode(own.value),
      low: encode(ratios(own.low, own.value)),
      high: encode(ratios(own.high, own.value)),
      baseline: encode(ratios(own.baseline, own.value)),
    })),
  };
}

export function readTrend({ machine, at, verdict, commit, series }: TrendText): Trend {
  let last = '';
  return {
    machine,
    at: Float64Array.from(new Uint32Array(decode(at))),
    verdict: new Uint8Array(decode(verdict)),
    commit: commit.split(' ').map((one) => (last = one === '' ? last : one === '-' ? '' : one)),
    series: series.map((own) => {
      const value = new Float32Array(decode(own.value));
      const times = (text: string): Float32Array => multiplied(new Uint16Array(decode(text)), value);
      return { ...own, value, low: times(own.low), high: times(own.high), baseline: times(own.baseline) };
    }),
  };
}

/** The other columns are kept as ratios to the value, in steps of 0.035% between 2⁻¹⁶ and 2¹⁶: half the bytes. */
const steps = 2000;
const middle = 32_768;

function ratios(values: Float32Array, to: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value, index) => {
    const step = Math.round(Math.log2(value / (to[index] ?? NaN)) * steps) + middle;
    // 0 means that the ratio is unknown or that there is none, as for a value of 0.
    return step > 0 && step < 2 * middle ? step : 0;
  });
}

const multiplied = (coded: Uint16Array, to: Float32Array): Float32Array =>
  Float32Array.from(coded, (step, index) => (step === 0 ? NaN : (to[index] ?? NaN) * 2 ** ((step - middle) / steps)));

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const places = new Uint8Array(128);
for (let place = 0; place < alphabet.length; place++) places[alphabet.charCodeAt(place)] = place;

/** Encodes as base64 without padding (RFC 4648), because neither Node's Buffer nor a browser's btoa may be used here. */
function encode({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array | Uint16Array | Uint8Array): string {
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  const parts: string[] = [];
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    text += digit(three >> 18) + digit(three >> 12) + digit(three >> 6) + digit(three);
    if (text.length < 4096) continue;
    parts.push(text);
    text = '';
  }
  parts.push(text);
  const missing = (3 - (bytes.length % 3)) % 3;
  const whole = parts.join('');
  return missing === 0 ? whole : whole.slice(0, -missing);
}

const digit = (bits: number): string => alphabet.charAt(bits & 63);

function decode(text: string): ArrayBuffer {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  const place = (at: number): number => places[text.charCodeAt(at)] ?? 0;
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    const three = (place(at) << 18) | (place(at + 1) << 12) | (place(at + 2) << 6) | place(at + 3);
    bytes[to] = three >> 16;
    bytes[to + 1] = three >> 8;
    bytes[to + 2] = three;
  }
  return bytes.buffer;
}
