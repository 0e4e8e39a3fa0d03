/** Bounds as people write them: two digits, and some room for the next measurement. */

/** How far a bound stays from a measured figure, as a fraction of it. */
const room = 0.02;

/** Rounds to two digits: up for an upper bound, otherwise down. */
export function roundedTo(side: 'upper' | 'lower', figure: number): number {
  if (figure === 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(Math.abs(figure)) + 1e-12) - 1);
  const steps = figure / step;
  // The nudge undoes the error of the division, which must not cost a whole step.
  const rounded = side === 'upper' ? Math.ceil(steps - 1e-9) : Math.floor(steps + 1e-9);
  return clean(rounded * step);
}

/** Returns a bound that a figure satisfies, with some room. An exact one, such as a count, is its own bound. */
export function boundNear(figure: number, side: 'upper' | 'lower', exact = false): number {
  if (exact && Number.isInteger(figure)) return figure;
  const way = side === 'upper' ? 1 : -1;
  return roundedTo(side, exact ? figure : figure + way * Math.abs(figure) * room);
}

/** The same for a change in percent, in steps that grow with it: 3, 25, 130. */
export function percentNear(percent: number, side: 'upper' | 'lower'): number {
  const way = side === 'upper' ? 1 : -1;
  const target = percent + way * Math.max(0.5, Math.abs(percent) * room);
  const size = Math.abs(target);
  const step = size <= 5 ? 1 : size <= 50 ? 5 : size <= 200 ? 10 : 50;
  return clean(way * Math.ceil((way * target) / step - 1e-9) * step);
}

/** Removes what binary fractions leave behind: 2.4000000000000004 is 2.4, and −0 is 0. */
const clean = (value: number): number => Number(value.toPrecision(12)) + 0;

/** Writes a number as a check has it: without an exponent and without groups. */
export function plainNumber(value: number): string {
  const text = String(value);
  if (!text.includes('e')) return text;
  return value.toFixed(Math.min(100, Math.max(0, 3 - Math.floor(Math.log10(Math.abs(value)))))).replace(/\.?0+$/, '');
}
