import { answer, create, edit, type Module } from '../corpus.js';

const router = 'src/router.ts';
const path = 'src/path.ts';
const params = 'src/params.ts';
const trie = 'src/trie.ts';

export const routerModule: Module = {
  name: 'router',
  benchFile: 'bench/router.bench.ts',
  benchmark: 'router/match',
  variants: [
    {
      name: 'segments by a pattern and a filter',
      kind: 'loop',
      edits: [
        edit(
          path,
          `  const segments: string[] = [];\n  const end = endOfPath(path);\n  let start = 1;\n  for (let i = 1; i <= end; i++) {\n    if (i === end || path.charCodeAt(i) === 47) {\n      if (i > start) segments.push(path.slice(start, i));\n      start = i + 1;\n    }\n  }\n  return segments;`,
          `  const end = endOfPath(path);\n  return path.slice(0, end).split(/\\/+/).filter((segment) => segment !== '');`,
        ),
      ],
      answers: [answer('segmentsOf', path, `.split(/`)],
      size: 0.43,
    },
    {
      name: 'safe by a pattern',
      kind: 'regular expression',
      edits: [
        edit(
          path,
          `  return !path.includes('..') && !path.includes('\\\\');`,
          `  return !/(?:^|\\/)[^/]*\\.\\.|\\\\/.test(path);`,
        ),
      ],
      answers: [answer('isSafe', path, '.test(path)')],
      size: 0.29,
    },
    {
      name: 'decoded always',
      kind: 'other file',
      edits: [
        edit(params, `  if (!isEncoded(text)) return text;\n`, ''),
        edit(params, `return decodeURIComponent(text);`, `return decodeURIComponent(text.replaceAll('+', ' '));`),
      ],
      answers: [answer('decoded', params, 'decodeURIComponent(text.replaceAll')],
      size: 0.51,
    },
    {
      name: 'values copied at each step',
      kind: 'copy',
      edits: [
        edit(
          router,
          `    if (node.param !== null) {\n      values.push(segments[at]!);`,
          `    if (node.param !== null) {\n      if (at > 1) segments = [...segments.values()];\n      values.push(segments[at]!);`,
        ),
      ],
      answers: [answer('Router.#find', router, '[...segments.values()]')],
      size: 0.28,
    },
    {
      name: 'children in a map of its own kind',
      kind: 'work',
      edits: [
        edit(
          trie,
          `children: new Map(),`,
          `children: new (class extends Map<string, Node> {\n      override get(key: string): Node | undefined {\n        return super.get(String(key).normalize());\n      }\n    })(),`,
        ),
      ],
      answers: [answer('createNode.children.get', trie, 'super.get(')],
      size: 0.63,
    },
    {
      name: 'a match by assign',
      kind: 'allocation',
      edits: [
        edit(
          router,
          `    return { handler: node.handler, params: paramsOf(node.names, values) };`,
          `    return Object.assign({}, { handler: node.handler, path }, { params: paramsOf(node.names, values) });`,
        ),
      ],
      answers: [answer('Router.match', router, 'Object.assign({}')],
      size: 0.31,
    },
    {
      name: 'parameters deleted again',
      kind: 'delete',
      edits: [
        edit(
          router,
          `  return params;\n}`,
          `  delete params['__proto__'];\n  delete params['path'];\n  return params;\n}`,
        ),
      ],
      answers: [answer('paramsOf', router, `delete params['__proto__']`, `delete params['path']`)],
      size: 0.24,
    },
    {
      name: 'the end of the path, split off and slow',
      kind: 'split',
      edits: [
        edit(
          path,
          `  const at = path.indexOf('?');\n  return at === -1 ? path.length : at;\n}`,
          `  return pathname(path).length;\n}\n\nfunction pathname(path: string): string {\n  return path.split(/[?#]/)[0]!;\n}`,
        ),
      ],
      answers: [answer('pathname', path, 'path.split(/')],
      size: 0.42,
    },
    {
      name: 'names letter by letter',
      kind: 'concatenation',
      edits: [
        edit(
          router,
          `    params[names[i]!] = decoded(values[i]!);\n`,
          `    let text = '';\n    for (const letter of names[i]!) text += letter;\n    params[text] = decoded(values[i]!);\n`,
        ),
      ],
      answers: [answer('paramsOf', router, 'text += letter', 'params[text] =')],
      size: 0.27,
    },
  ],
  controls: [
    {
      name: 'split into two',
      edits: [
        edit(
          router,
          `    const node = this.#find(this.#root, segments, 0, values);\n`,
          `    const node = this.#start(segments, values);\n`,
        ),
        edit(
          router,
          `  #find(node: Node,`,
          `  #start(segments: readonly string[], values: string[]): Node | null {\n    return this.#find(this.#root, segments, 0, values);\n  }\n\n  #find(node: Node,`,
        ),
      ],
    },
    {
      name: 'moved and renamed',
      edits: [
        edit(
          path,
          `function endOfPath(path: string): number {\n  const at = path.indexOf('?');\n  return at === -1 ? path.length : at;\n}\n\n`,
          '',
        ),
        edit(path, `/** The parts between`, `import { lengthOf } from './query';\n\n/** The parts between`),
        edit(path, `endOfPath(path);`, `lengthOf(path);`),
        create(
          'src/query.ts',
          `/** Of the path before the query. */\nexport function lengthOf(path: string): number {\n  const at = path.indexOf('?');\n  return at === -1 ? path.length : at;\n}\n`,
        ),
      ],
    },
  ],
};
