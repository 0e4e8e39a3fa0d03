import { createHash } from 'node:crypto';
import { types } from 'node:util';
import type { Answer, AnswerPart } from '../../core/results/answers.js';
import { describeError } from './thrown-at.js';

/** How many parts have one hash. */
const blockSize = 1024;
/** No more parts are read, because an answer may contain the same object many times over. */
const mostParts = 1_000_000;
/** Long texts and typed arrays are parts of so many characters or numbers each. */
const pieceSize = { text: 1000, numbers: 256 } as const;

type Step = { readonly path: string; readonly key: string; readonly value: unknown } | { readonly leave: object };

/**
 * Describes what a call returned, structurally: the contents count, not the identity of objects nor the names of classes. Map
 * and Set are compared in their own order unless all of their keys are plain values. `shownBlock` has its parts in the result.
 */
export function describeAnswer(answer: unknown, shownBlock: number | null): Answer {
  return new Description(shownBlock).of(withoutDuration(answer));
}

/** tinybench reads the duration of an iteration from what it returns; that is no answer. */
function withoutDuration(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('overriddenDuration' in answer)) return answer;
  const rest = Object.fromEntries(Object.entries(answer).filter(([name]) => name !== 'overriddenDuration'));
  return Object.keys(rest).length === 0 ? undefined : rest;
}

class Description {
  readonly #blocks: string[] = [];
  readonly #shown: AnswerPart[] = [];
  #block = '';
  #parts = 0;
  /** The steps to come, last first; not recursive, because a list may be deep. */
  readonly #open: Step[] = [];
  /** The objects that contain the present one. */
  readonly #around = new Map<object, string>();
  #opaque: string | null = null;

  constructor(readonly shownBlock: number | null) {}

  of(answer: unknown): Answer {
    this.#open.push({ path: '', key: '', value: answer });
    for (let step = this.#open.pop(); step !== undefined; step = this.#open.pop()) {
      if ('leave' in step) this.#around.delete(step.leave);
      else if (this.#parts < mostParts) this.#value(step.path, step.key, step.value);
    }
    if (this.#block !== '') this.#close();
    const isOne = this.#parts === 1;
    const empty = answer === undefined ? 'nothing' : isOne && this.#opaque !== null ? { opaque: this.#opaque } : null;
    return { blocks: this.#blocks, empty, shown: this.#shown };
  }

  #add(path: string, key: string, text: string, piece?: AnswerPart['piece']): void {
    // With their lengths, so that no two lists of parts have the same text.
    this.#block += `${key.length}:${key}${text.length}:${text}`;
    if (this.#blocks.length === this.shownBlock)
      this.#shown.push({ path, text, ...(piece !== undefined && { piece }) });
    if (++this.#parts % blockSize === 0) this.#close();
  }

  #close(): void {
    this.#blocks.push(createHash('sha256').update(this.#block).digest('base64'));
    this.#block = '';
  }

  #value(path: string, key: string, value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#text(path, key, value);
        return;
      case 'number':
        this.#add(path, key, numberText(value));
        return;
      case 'bigint':
        this.#add(path, key, `${value}n`);
        return;
      case 'function':
        this.#hides(path, key, types.isProxy(value) ? 'a proxy' : 'a function');
        return;
      case 'object':
        if (value === null) this.#add(path, key, 'null');
        else this.#object(path, key, value);
        return;
      case 'boolean':
      case 'symbol':
      case 'undefined':
        this.#add(path, key, String(value));
    }
  }

  #text(path: string, key: string, text: string): void {
    if (text.length <= pieceSize.text) {
      this.#add(path, key, JSON.stringify(text));
      return;
    }
    for (let at = 0; at < text.length; at += pieceSize.text) {
      const piece = JSON.stringify(text.slice(at, at + pieceSize.text));
      this.#add(path, key, piece, { of: 'text', at });
    }
  }

  /** Adds something that does not show what is in it. */
  #hides(path: string, key: string, what: string): void {
    this.#opaque ??= what;
    this.#add(path, key, what);
  }

  #object(path: string, key: string, value: object): void {
    const outer = this.#around.get(value);
    if (outer !== undefined) {
      this.#add(path, key, outer === '' ? 'the answer itself' : `the object at ${outer}`);
      return;
    }
    try {
      this.#contents(path, key, value);
    } catch (error) {
      // A getter or a proxy of the user's.
      this.#hides(path, key, `what throws when it is read: ${describeError(error)}`);
    }
  }

  #contents(path: string, key: string, value: object): void {
    if (types.isDate(value)) this.#add(path, key, Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString());
    else if (types.isRegExp(value)) this.#add(path, key, String(value));
    else if (types.isNativeError(value)) this.#add(path, key, `${value.name}: ${value.message}`);
    else if (types.isBoxedPrimitive(value)) this.#value(path, key, value.valueOf());
    else if (value instanceof URL) this.#add(path, key, JSON.stringify(value.href));
    else if (types.isAnyArrayBuffer(value)) this.#numbers(path, key, new Uint8Array(value), kindOf(value));
    else if (types.isTypedArray(value)) this.#numbers(path, key, value, kindOf(value));
    else if (types.isDataView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      this.#numbers(path, key, new Uint8Array(buffer, byteOffset, byteLength), 'DataView');
    } else if (Array.isArray(value)) this.#array(path, key, value);
    else if (types.isMap(value)) this.#map(path, key, value);
    else if (types.isSet(value)) {
      const items = ordered([...value], (item) => item);
      this.#add(path, key, `Set of ${items.length}`);
      this.#enter(value, path, inList(path, items));
    } else this.#properties(path, key, value);
  }

  #numbers(path: string, key: string, all: ArrayLike<number | bigint>, kind: string): void {
    this.#add(path, key, `${kind} of ${all.length}`);
    for (let at = 0; at < all.length && this.#parts < mostParts; at += pieceSize.numbers) {
      const length = Math.min(pieceSize.numbers, all.length - at);
      const texts = Array.from({ length }, (_, index) => {
        const item = all[at + index] ?? 0;
        return typeof item === 'bigint' ? `${item}n` : numberText(item);
      });
      this.#add(path, '', texts.join(', '), { of: 'numbers', at });
    }
  }

  #array(path: string, key: string, value: readonly unknown[]): void {
    this.#add(path, key, `array of ${value.length}`);
    const items: Step[] = [];
    for (let index = 0; index < value.length && items.length <= mostParts; index++)
      items.push({ path: `${path}[${index}]`, key: '', value: index in value ? value[index] : hole });
    // What `match` returns has properties beside its items.
    const more = Object.keys(value).length > items.length ? namedKeys(value).filter((one) => !/^\d+$/.test(one)) : [];
    this.#enter(value, path, [...items, ...more.map((name) => inObject(path, value, name))]);
  }

  #map(path: string, key: string, value: ReadonlyMap<unknown, unknown>): void {
    const entries = ordered([...value], ([name]) => name);
    this.#add(path, key, `Map of ${entries.length}`);
    const steps = entries.flatMap(([name, item], index): Step[] => {
      const isPlain = isPlainValue(name);
      const text = typeof name === 'string' ? JSON.stringify(name) : String(isPlain ? name : '');
      if (isPlain) return [{ path: `${path}.get(${text})`, key: `${typeof name} ${text}`, value: item }];
      const of = (what: string, part: unknown): Step => ({ path: `${path} ${what} ${index}`, key: what, value: part });
      return [of('key', name), of('value', item)];
    });
    this.#enter(value, path, steps);
  }

  #properties(path: string, key: string, value: object): void {
    const names = ownKeys(value);
    const name = kindOf(value);
    const isPlain = name === 'Object' || name === '';
    if (names.length === 0 && !isPlain) {
      const shown = ownForm(value);
      if (shown === null) this.#hides(path, key, `an instance of ${name}`);
      else this.#enter(value, path, [{ path, key, value: shown.form }]);
      return;
    }
    const list = names.map(String).join(', ');
    this.#add(path, key, list === '' ? '{}' : `{ ${list} }`);
    this.#enter(
      value,
      path,
      names.map((one) => inObject(path, value, one)),
    );
  }

  /** Describes these parts of an object next. */
  #enter(value: object, path: string, steps: readonly Step[]): void {
    this.#around.set(value, path);
    this.#open.push({ leave: value });
    for (const step of steps.toReversed()) this.#open.push(step);
  }
}

/** A place of an array that has no value. */
const hole = Symbol('empty');

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** The name of an object's class. The bundler may have changed it, so it is shown but means nothing. */
function kindOf(value: object): string {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
  const name = prototype?.constructor?.name;
  return typeof name === 'string' ? name.replace(/^_+(?=\p{Lu})|(?<=\p{L})\d+$/gu, '') : '';
}

/** Returns what an object without properties of its own says about itself; null if it says nothing. */
function ownForm(value: object): { readonly form: unknown } | null {
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return { form: (value as { toJSON: () => unknown }).toJSON() };
  if (!(Symbol.iterator in value) || typeof value[Symbol.iterator] !== 'function') return null;
  const iterator = (value as Iterable<unknown>)[Symbol.iterator]() as unknown;
  // An iterator returns itself, and reading it would consume it.
  if (iterator === value) return null;
  const items: unknown[] = [];
  for (const item of value as Iterable<unknown>) if (items.push(item) >= mostParts) break;
  return { form: items };
}

/** The enumerable keys in an order of their own, because the order of properties is no part of an answer. */
const namedKeys = (value: object): readonly string[] => Object.keys(value).sort();

function ownKeys(value: object): readonly (string | symbol)[] {
  const symbols = Object.getOwnPropertySymbols(value).filter((symbol) =>
    Object.prototype.propertyIsEnumerable.call(value, symbol),
  );
  return [...namedKeys(value), ...symbols.sort((a, b) => (String(a) < String(b) ? -1 : 1))];
}

function inObject(path: string, value: object, name: string | symbol): Step {
  const text = String(name);
  const isWord = typeof name === 'string' && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name);
  const shown = isWord ? `.${text}` : typeof name === 'symbol' ? `[${text}]` : `[${JSON.stringify(text)}]`;
  return { path: path + shown, key: text, value: Reflect.get(value, name) as unknown };
}

const inList = (path: string, items: readonly unknown[]): readonly Step[] =>
  items.map((value, index) => ({ path: `${path}[${index}]`, key: '', value }));

const isPlainValue = (value: unknown): boolean =>
  value === null || (typeof value !== 'object' && typeof value !== 'function' && typeof value !== 'symbol');

/** Sorts items by their keys if those are plain values, because then their order is rarely meant. */
function ordered<T>(items: readonly T[], keyOf: (item: T) => unknown): readonly T[] {
  if (!items.every((item) => isPlainValue(keyOf(item)))) return items;
  const text = (item: T): string => `${typeof keyOf(item)} ${String(keyOf(item))}`;
  return items.toSorted((a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0));
}
