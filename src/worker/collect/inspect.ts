/** How the versions of vitest show a value in a title. */
export interface Style {
  /** Characters of a value at most. */
  readonly most: number;
  /** `Map { … }` in version 5, `Map{ … }` before. */
  readonly gap: string;
}

const isKey = (key: string): boolean => /^[A-Za-z_$][\w$]*$/.test(key);

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function quoted(text: string, most: number): string {
  return `'${cut(text.replaceAll("'", "\\'").replaceAll('\n', '\\n'), most - 2)}'`;
}

/** Returns a value as vitest shows it in a title, in one line: `{ a: 1, b: [ 1, 2 ] }`. */
export function inspect(value: unknown, style: Style): string {
  const { most, gap } = style;
  if (typeof value === 'string') return quoted(value, most);
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return `[Function ${value.name || 'anonymous'}]`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return gap === '' ? String(value) : `[${String(value)}]`;
  const inner = { ...style, most: most - 4 };
  const entry =
    (between: string) =>
    ([key, own]: readonly [string, unknown], left: number): string =>
      `${key}${between}${inspect(own, { ...style, most: left - key.length - between.length })}`;
  const item = (own: unknown, left: number): string => inspect(own, { ...style, most: left });
  const { name = '' } = (Reflect.get(value, 'constructor') ?? {}) as { name?: string };
  const typed = (plain: string, open: string, close: string, shown: string): string =>
    `${name === plain ? '' : name + gap}${shown === '' ? open + close : `${open} ${shown} ${close}`}`;
  if (Array.isArray(value) || ArrayBuffer.isView(value))
    return typed('Array', '[', ']', list(Array.from(value as unknown as ArrayLike<unknown>), inner.most, item));
  if (value instanceof Set) return typed('', '{', '}', list([...(value as Set<unknown>)], inner.most, item));
  if (value instanceof Map) {
    const pairs = [...(value as Map<unknown, unknown>)].map(([key, own]) => [inspect(key, style), own] as const);
    return typed('', '{', '}', list(pairs, inner.most, entry(' => ')));
  }
  const pairs = Object.entries(value).map(([key, own]) => [isKey(key) ? key : `'${key}'`, own] as const);
  return typed('Object', '{', '}', list(pairs, inner.most, entry(': ')));
}

/** Joins as many items as fit, and counts the rest, as loupe does. */
function list<T>(items: readonly T[], most: number, shown: (item: T, left: number) => string): string {
  let output = '';
  for (const [index, item] of items.entries()) {
    const isLast = index === items.length - 1;
    const rest = `…(${items.length - index})`;
    const text = shown(item, most - output.length - (isLast ? 0 : 2)) + (isLast ? '' : ', ');
    const length = output.length + text.length;
    const overflows = isLast ? length > most : length + rest.length > most;
    if (overflows && output.length + rest.length <= most && (isLast || index < items.length - 2)) return output + rest;
    if (overflows && index === items.length - 2) {
      const last = items[index + 1];
      if (last === undefined || length + shown(last, most - length).length > most) return output + rest;
    }
    output += text;
  }
  return output;
}
