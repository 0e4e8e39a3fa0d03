import { answer, create, edit, type Module } from '../corpus.js';

const tokenizer = 'src/tokenizer.js';
const numbers = 'src/numbers.js';

const endOfNumber = `/** The end of \`1\`, \`1_000\`, \`2.5\`. */
export function endOfNumber(text, start) {
  let at = start;
  while (isDigit(text.charCodeAt(at)) || text.charCodeAt(at) === 95) at++;
  if (text.charCodeAt(at) !== 46) return at;
  at++;
  while (isDigit(text.charCodeAt(at))) at++;
  return at;
}
`;

export const tokenizerModule: Module = {
  name: 'tokenizer',
  benchFile: 'bench/tokenizer.bench.js',
  benchmark: 'tokenizer/source',
  variants: [
    {
      name: 'space by a pattern',
      kind: 'regular expression',
      edits: [edit(tokenizer, `isSpace(text.charCodeAt(at))) at++;`, `/\\s/.test(text[at])) at++;`)],
      answers: [answer('skipSpace', tokenizer, '/\\s/.test')],
      size: 0.69,
    },
    {
      name: 'keywords in a new array',
      kind: 'copy',
      edits: [edit(tokenizer, `keywords.has(value)`, `[...keywords].includes(value)`)],
      answers: [answer('kindOf', tokenizer, '[...keywords]')],
      size: 0.16,
    },
    {
      name: 'strings letter by letter',
      kind: 'concatenation',
      edits: [
        edit(
          tokenizer,
          `  let at = start + 1;\n  while (at < text.length) {\n`,
          `  let at = start + 1;\n  let value = '';\n  while (at < text.length) {\n    value = [value, text[at]].join('');\n`,
        ),
        edit(
          tokenizer,
          `    if (code === 92) at++;\n  }\n  return at;`,
          `    if (code === 92) at++;\n  }\n  return value === quote ? start : at;`,
        ),
      ],
      answers: [answer('endOfString', tokenizer, '[value, text[at]]')],
      size: 0.33,
    },
    {
      name: 'tokens are copied',
      kind: 'copy',
      edits: [
        edit(
          tokenizer,
          `    tokens.push(token);`,
          `    tokens.push(token.kind === 'name' ? Object.assign({}, token) : token);`,
        ),
      ],
      answers: [answer('tokenize', tokenizer, 'Object.assign({}, token)')],
      size: 0.36,
    },
    {
      name: 'words by pairs of letters',
      kind: 'allocation',
      edits: [edit(tokenizer, `code = text.charCodeAt(++at);`, `code = text.substring(++at, at + 2).charCodeAt(0);`)],
      answers: [answer('endOfWord', tokenizer, 'text.substring(++at')],
      size: 0.35,
    },
    {
      name: 'lines one after another',
      kind: 'loop',
      edits: [
        edit(
          tokenizer,
          `  let low = 0;\n  let high = starts.length;\n  while (high - low > 1) {\n    const middle = (low + high) >> 1;\n    if (starts[middle] <= at) low = middle;\n    else high = middle;\n  }\n  return low + 1;`,
          `  let line = 1;\n  for (const start of starts) {\n    if (start > at) break;\n    line++;\n  }\n  return line - 1;`,
        ),
      ],
      answers: [answer('lineAt', tokenizer, 'for (const start of starts)', 'if (start > at) break;', 'line++;')],
      size: 0.42,
    },
    {
      name: 'values through JSON',
      kind: 'round trip',
      edits: [
        edit(
          tokenizer,
          `  const value = text.slice(start, end);\n`,
          `  const value = text.slice(start, end);\n  if (value.length > 5) JSON.parse(JSON.stringify(value));\n`,
        ),
      ],
      answers: [answer('createToken', tokenizer, 'JSON.parse(JSON.stringify')],
      size: 0.61,
    },
    {
      name: 'numbers moved, by a pattern',
      kind: 'moved',
      edits: [
        edit(numbers, `\n${endOfNumber}`, ''),
        create(
          'src/amounts.js',
          `const pattern = /(?<whole>\\d[\\d_]*)(?:\\.(?<rest>\\d*))?/gu;\n\n/** The end of \`1\`, \`1_000\`, \`2.5\`. */\nexport function endOfNumber(text, start) {\n  const [found] = text.slice(start, start + 20).matchAll(pattern);\n  return start + found[0].length;\n}\n`,
        ),
        edit(
          tokenizer,
          `import { endOfNumber, isDigit } from './numbers.js';`,
          `import { endOfNumber } from './amounts.js';\nimport { isDigit } from './numbers.js';`,
        ),
      ],
      answers: [answer('endOfNumber', 'src/amounts.js', 'matchAll(pattern)', 'found[0].length')],
      size: 0.46,
    },
  ],
  controls: [
    {
      name: 'in another order',
      edits: [
        edit(tokenizer, `function isSpace(code) {\n  return code === 32 || (code >= 9 && code <= 13);\n}\n\n`, ''),
        edit(
          tokenizer,
          `function lineStarts(text) {`,
          `function isSpace(code) {\n  return code === 32 || (code >= 9 && code <= 13);\n}\n\nfunction lineStarts(text) {`,
        ),
      ],
    },
    {
      name: 'numbers moved as they are',
      edits: [
        edit(numbers, `\n${endOfNumber}`, ''),
        create('src/amounts.js', `import { isDigit } from './numbers.js';\n\n${endOfNumber}`),
        edit(
          tokenizer,
          `import { endOfNumber, isDigit } from './numbers.js';`,
          `import { endOfNumber } from './amounts.js';\nimport { isDigit } from './numbers.js';`,
        ),
      ],
    },
  ],
};
