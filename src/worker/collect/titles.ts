import { inspect, type Style } from './inspect.js';

/** The name of a test or suite: a string, a function or class whose name it takes, or anything as text. */
export const nameOf = (name: unknown): string =>
  typeof name === 'function' ? name.name || '<anonymous>' : String(name);

/** Characters at which vitest cuts a value. */
const mostValue = 40;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Returns the title of one row of `describe.each` or `.for`, as vitest prints it: printf's placeholders, `%#`, `%$`, `$name`, `$a.b`
 * and `$0`. Before version 5, `$name` shows a text in quotes. `items`: what the row has for the placeholders.
 */
export function titleOf(template: string, items: readonly unknown[], index: number, major: number): string {
  const style: Style = { most: mostValue, gap: major < 5 ? '' : ' ' };
  const numbered = /%[#$]/.test(template)
    ? template.replace(/%%|%#|%\$/g, (all) => (all === '%%' ? all : String(all === '%#' ? index : index + 1)))
    : template;
  const count = numbered.split('%').length - 1;
  let used = 0;
  return numbered.replace(/%[sdjifoOc%]|[^%]+|%/g, (part) => {
    if (!/^%[sdjifoOc%]$/.test(part)) return attributes(part, items, style, major);
    if (used >= count) return part;
    // With nothing left to show, version 3 keeps the placeholder.
    if (used >= items.length && major < 4) return part;
    return placeholder(part, items[used++], style);
  });
}

/** Whether an object says itself how it reads as text, as lists and dates do. */
const hasOwnText = (value: unknown): value is { toString(): string } =>
  typeof value === 'object' &&
  value !== null &&
  typeof value.toString === 'function' &&
  value.toString !== Object.prototype.toString;

function placeholder(kind: string, value: unknown, style: Style): string {
  const unlimited = { ...style, most: Infinity };
  switch (kind) {
    case '%s':
      if (typeof value === 'string') return value;
      return hasOwnText(value) ? String(value) : inspect(value, unlimited);
    case '%d':
      return typeof value === 'bigint' ? `${value}n` : typeof value === 'symbol' ? 'NaN' : String(Number(value));
    case '%i':
      return typeof value === 'bigint' ? `${value}n` : String(Number.parseInt(String(value), 10));
    case '%f':
      return Object.is(value, -0) ? '-0' : String(Number.parseFloat(String(value)));
    case '%j':
      return JSON.stringify(value);
    case '%c':
      return '';
    // The value follows a percent sign that needs none.
    case '%%':
      return `% ${placeholder('%s', value, style)}`;
    default:
      return inspect(value, unlimited);
  }
}

/** Fills `$name` and `$0`. */
function attributes(text: string, items: readonly unknown[], style: Style, major: number): string {
  const [first] = items;
  const pattern = major < 5 ? /\$([$\w.]+)/g : /\$([$\p{ID_Continue}.]+)/gu;
  return text.replace(pattern, (_, key: string) => {
    const isIndex = /^\d+$/.test(key);
    if (!isObject(first) && !isIndex) return `$${key}`;
    const element = isIndex ? items[Number(key)] : undefined;
    const own = isObject(first) ? at(first, key) : undefined;
    const value = own === undefined ? element : own;
    if (typeof value === 'string' && major >= 5) return cutText(value);
    const shown = inspect(value, style);
    return major < 5 && Array.isArray(value) && /…\(\d+\) \]$/.test(shown) ? `[ Array(${value.length}) ]` : shown;
  });
}

const cutText = (text: string): string => (text.length > mostValue ? `${text.slice(0, mostValue - 1)}…` : text);

function at(object: object, path: string): unknown {
  let value: unknown = object;
  for (const key of path.split('.'))
    value = value === null || value === undefined ? undefined : Reflect.get(Object(value) as object, key);
  return value;
}
