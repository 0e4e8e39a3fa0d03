import { answer, create, edit, type Module } from '../corpus.js';

const file = 'src/serializer.ts';

const escaped = `function escaped(text: string, from: number): string {
  let result = '';
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 34) result += '\\\\"';
    else if (code === 92) result += '\\\\\\\\';
    else if (code === 10) result += '\\\\n';
    else if (code < 32) result += '\\\\u' + code.toString(16).padStart(4, '0');
    else result += text[i];
  }
  return result;
}
`;

export const serializerModule: Module = {
  name: 'serializer',
  benchFile: 'bench/serializer.bench.ts',
  benchmark: 'serializer/orders',
  variants: [
    {
      name: 'keys normalized',
      kind: 'sort',
      edits: [edit(file, `keys.sort()`, `keys.sort((a, b) => (a.normalize() < b ? -1 : 1))`)],
      answers: [answer('Serializer.keysOf', file, 'a.normalize()')],
      size: 0.4,
    },
    {
      name: 'a pattern before quoting',
      kind: 'regular expression',
      edits: [
        edit(
          file,
          `  for (let i = 0; i < text.length; i++) {\n    const code = text.charCodeAt(i);\n    if (code < 32`,
          `  if (/^\\s+$/u.test(text.normalize())) return '""';\n  for (let i = 0; i < text.length; i++) {\n    const code = text.charCodeAt(i);\n    if (code < 32`,
        ),
      ],
      answers: [answer('quoted', file, 'text.normalize()')],
      size: 0.44,
    },
    {
      name: 'arrays copied',
      kind: 'copy',
      edits: [
        edit(
          file,
          `    for (let i = 0; i < values.length; i++) {\n      if (i > 0) this.text += ',';\n      this.write(values[i]!);`,
          `    for (let i = 0; i < values.length; i++) {\n      if (i > 0) this.text += ',';\n      this.write(structuredCopy(values[i]!));`,
        ),
        edit(
          file,
          `function isSkipped(`,
          `function structuredCopy(value: Value): Value {\n  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;\n  return { ...value, ...(value as object) };\n}\n\nfunction isSkipped(`,
        ),
      ],
      answers: [answer('structuredCopy', file, '...value, ...(value')],
      size: 0.22,
    },
    {
      name: 'numbers through JSON',
      kind: 'round trip',
      edits: [
        edit(file, `Number.isFinite(value) ? String(value) : 'null'`, `JSON.stringify(JSON.parse(String(value)))`),
      ],
      answers: [answer('numberText', file, 'JSON.parse(String')],
      size: 0.37,
    },
    {
      name: 'dates read from text',
      kind: 'work',
      edits: [
        edit(
          file,
          `  return new Date(date.getTime()).toISOString();`,
          `  const copy = new Date(Date.parse(date.toString()));\n  return copy.toISOString();`,
        ),
      ],
      answers: [answer('dateText', file, 'date.toString()')],
      size: 0.3,
    },
    {
      name: 'skipped by a new set',
      kind: 'allocation',
      edits: [edit(file, `  return skip.includes(key);`, `  return new Set(skip).has(key);`)],
      answers: [answer('isSkipped', file, 'new Set(skip)')],
      size: 0.25,
    },
    {
      name: 'escaped in a file of its own, by patterns',
      kind: 'moved',
      edits: [
        edit(file, escaped, ''),
        edit(file, `export type Value`, `import { escaped } from './escape';\n\nexport type Value`),
        create(
          'src/escape.ts',
          `const pattern = /["\\\\\\u0000-\\u001f]|./gu;\n\nexport function escaped(text: string, from: number): string {\n  const rest = text.slice(from);\n  return rest.replace(pattern, (found) => JSON.stringify(found).slice(1, -1));\n}\n`,
        ),
      ],
      answers: [answer('escaped', 'src/escape.ts', 'rest.replace(pattern')],
      size: 0.69,
    },
    {
      name: 'members by entries',
      kind: 'loop',
      edits: [
        edit(
          file,
          `    for (const key of this.keysOf(object)) {\n      if`,
          `    for (const [key, member] of this.keysOf(object).map((each) => Object.entries(object).find(([name]) => name === each)!)) {\n      if`,
        ),
        edit(file, `      this.write(object[key]!);`, `      this.write(member);`),
      ],
      answers: [answer('Serializer.writeObject', file, 'Object.entries(object)')],
      size: 0.12,
    },
    {
      name: 'many shapes of options',
      kind: 'megamorphic',
      edits: [
        edit(
          file,
          `      if (isSkipped(key, this.options.skip)) continue;`,
          `      if (isSkipped(key, (key.length > 4 ? settingsOf(this.options, key) : this.options).skip)) continue;`,
        ),
        edit(
          file,
          `function isSkipped(`,
          `function settingsOf(options: Options, key: string): Options {\n  const settings: Record<string, unknown> = { [key]: true };\n  for (const name in options) settings[name] = options[name as keyof Options];\n  return settings as unknown as Options;\n}\n\nfunction isSkipped(`,
        ),
      ],
      answers: [answer('settingsOf', file, 'const settings:', 'settings[name] =')],
      size: 0.83,
    },
  ],
  controls: [
    {
      name: 'escaped in a file of its own',
      edits: [
        edit(file, escaped, ''),
        edit(file, `export type Value`, `import { escaped } from './escape';\n\nexport type Value`),
        create('src/escape.ts', `export ${escaped}`),
      ],
    },
    {
      name: 'types and comments',
      edits: [
        edit(
          file,
          `function numberText(value: number): string {`,
          `/** As JSON has it: no number that is not finite. */\nfunction numberText(value: number): 'null' | (string & {}) {`,
        ),
        edit(file, `  private depth = 0;\n`, `  /** How deep it is now. */\n  private depth: number = 0;\n`),
      ],
    },
  ],
};
