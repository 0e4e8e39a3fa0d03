import { format } from 'node:util';

/** Returns the title of one row of `describe.each`. Fills printf's placeholders, `%#`, `$name` and `$a.b` as vitest does. */
export function formatted(template: string, row: readonly unknown[], index: number): string {
  const numbered = template.replace(/%#/g, String(index)).replace(/%\$/g, String(index + 1));
  const count = (numbered.match(/%[sdifjoO]/g) ?? []).length;
  const filled = format(numbered, ...row.slice(0, count));
  const [first] = row;
  if (typeof first !== 'object' || first === null) return filled;
  return filled.replace(/\$([\w$]+(?:\.[\w$]+)*)/g, (whole, path: string) => {
    let value: unknown = first;
    for (const key of path.split('.'))
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
    return value === undefined ? whole : typeof value === 'string' ? value : format('%o', value);
  });
}
