/** What a benchmark's calls return, as far as two processes can compare it, and what the comparison found. */

/** One value inside an answer, or a piece of a long one. */
export interface AnswerPart {
  /** `.items[3].id`; empty for the answer itself. */
  readonly path: string;
  /** The value in the words of its language: `5`, `"text"`, `array of 3`, `{ id, name }`. */
  readonly text: string;
  /** Set for a piece of a long text or of a typed array: what it is a piece of, and the index of its first item there. */
  readonly piece?: { readonly of: 'text' | 'numbers'; readonly at: number };
}

/** What one call returned. */
export interface Answer {
  /** Hashes of its parts, so many parts each, in order. The first hashes that differ show where two answers begin to. */
  readonly blocks: readonly string[];
  /** Why there is nothing to compare; null if there is something. */
  readonly empty: 'nothing' | { readonly opaque: string } | null;
  /** The parts of the block that was asked for. */
  readonly shown: readonly AnswerPart[];
}

/** Where two lists of answers begin to differ. */
export interface AnswerSpot {
  readonly call: number;
  readonly block: number;
}

export type AnswerComparison =
  | { readonly kind: 'same' }
  | {
      readonly kind: 'other';
      /** Counted from zero. */
      readonly call: number;
      readonly path: string;
      readonly current: string;
      readonly baseline: string;
    }
  /** The same code gives another answer in each process. */
  | { readonly kind: 'varies' }
  /** A process of one side ended without its answers. */
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'nothing' }
  /** It returns something that does not show what is in it, such as a function. */
  | { readonly kind: 'opaque'; readonly what: string };

/** Returns where the answers of two processes begin to differ, in the calls that both made; null if they are the same. */
export function firstSpot(one: readonly Answer[], other: readonly Answer[]): AnswerSpot | null {
  for (let call = 0; call < Math.min(one.length, other.length); call++) {
    const [a, b] = [one[call]?.blocks ?? [], other[call]?.blocks ?? []];
    const block = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, index) => a[index] !== b[index]);
    if (block !== -1) return { call, block };
  }
  return null;
}

/** Returns what equal answers mean: that they are the same, or that there was nothing to compare. */
export function comparisonOfEqual(answers: readonly Answer[]): AnswerComparison {
  if (answers.every(({ empty }) => empty === 'nothing')) return { kind: 'nothing' };
  const opaque = answers.flatMap(({ empty }) => (empty === null || empty === 'nothing' ? [] : empty.opaque));
  return opaque.length === answers.length ? { kind: 'opaque', what: opaque[0] ?? '' } : { kind: 'same' };
}

/** Returns the first difference between the blocks that two processes show of a call; null if they show none. */
export function firstDifference(
  call: number,
  current: readonly AnswerPart[],
  baseline: readonly AnswerPart[],
): Extract<AnswerComparison, { kind: 'other' }> | null {
  const isSame = (a: AnswerPart | undefined, b: AnswerPart | undefined): boolean =>
    a?.path === b?.path && a?.text === b?.text && a?.piece?.at === b?.piece?.at;
  const index = Array.from({ length: Math.max(current.length, baseline.length) }).findIndex(
    (_, at) => !isSame(current[at], baseline[at]),
  );
  const [a, b] = [current[index], baseline[index]];
  if (a === undefined && b === undefined) return null;
  const at = (a ?? b)?.piece?.at;
  const isNumbers = (a ?? b)?.piece?.of === 'numbers' && a?.piece?.at === b?.piece?.at;
  const [texts, others] = [a?.text ?? 'nothing', b?.text ?? 'nothing'];
  if (isNumbers && at !== undefined) {
    const [left, right] = [texts.split(', '), others.split(', ')];
    const first = left.findIndex((one, place) => one !== right[place]);
    const item = first === -1 ? left.length : first;
    return {
      kind: 'other',
      call,
      path: `${(a ?? b)?.path ?? ''}[${at + item}]`,
      current: left[item] ?? 'nothing',
      baseline: right[item] ?? 'nothing',
    };
  }
  const path = (a ?? b)?.path ?? '';
  if (a?.piece?.of !== 'text' || b?.piece?.at !== a.piece.at)
    return { kind: 'other', call, path, ...around(texts, others) };
  const [left, right] = [String(JSON.parse(texts)), String(JSON.parse(others))];
  const place = `character ${a.piece.at + commonLength(left, right) + 1}`;
  const shown = around(left, right);
  return {
    kind: 'other',
    call,
    path: path === '' ? place : `${path}, ${place}`,
    current: JSON.stringify(shown.current),
    baseline: JSON.stringify(shown.baseline),
  };
}

/** The longest text of a value in a message, and what it shows before the first difference, in characters. */
const longest = 40;
const before = 20;

/** Shortens two texts so that both show where they begin to differ. */
function around(current: string, baseline: string): { readonly current: string; readonly baseline: string } {
  const same = commonLength(current, baseline);
  const from = Math.max(current.length, baseline.length) <= longest ? 0 : Math.max(0, same - before);
  const short = (text: string): string => {
    const start = from > 0 ? '…' : '';
    const rest = text.slice(from);
    return rest.length > longest ? `${start}${rest.slice(0, longest)}…` : start + rest;
  };
  return { current: short(current), baseline: short(baseline) };
}

function commonLength(one: string, other: string): number {
  let same = 0;
  while (same < one.length && one[same] === other[same]) same++;
  return same;
}
