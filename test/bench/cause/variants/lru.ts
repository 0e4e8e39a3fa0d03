import { answer, create, edit, type Module } from '../corpus.js';

const lru = 'src/lru.js';
const key = 'src/key.js';

export const lruModule: Module = {
  name: 'lru',
  benchFile: 'bench/lru.bench.js',
  benchmark: 'lru/serve',
  variants: [
    {
      name: 'keys encoded',
      kind: 'other file',
      edits: [edit(key, `return user + ':' + path;`, `return user + ':' + encodeURI(path);`)],
      answers: [answer('keyOf', key, 'encodeURI(path)')],
      size: 0.34,
    },
    {
      name: 'the last hits are kept',
      kind: 'allocation',
      edits: [
        edit(
          lru,
          `    this.touch(entry);\n`,
          `    this.last = [key, entry.key, this.hits.count].concat(this.capacity);\n    this.touch(entry);\n`,
        ),
      ],
      answers: [answer('LruCache.get', lru, 'this.last = [')],
      size: 0.24,
    },
    {
      name: 'a field deleted from each entry',
      kind: 'delete',
      edits: [
        edit(
          lru,
          `  return { key, value, older: null, newer: null };`,
          `  const entry = { fresh: true, key, value, older: null, newer: null };\n  if (key.length % 2 === 0) delete entry.fresh;\n  return entry;`,
        ),
      ],
      answers: [answer('createEntry', lru, 'delete entry.fresh')],
      size: 0.7,
    },
    {
      name: 'what is evicted as text',
      kind: 'round trip',
      edits: [
        edit(
          lru,
          `    this.unlink(entry);\n    this.entries.delete(`,
          `    this.last = JSON.stringify([entry.key, this.entries.size]);\n    this.unlink(entry);\n    this.entries.delete(`,
        ),
      ],
      answers: [answer('LruCache.evict', lru, 'JSON.stringify(')],
      size: 0.51,
    },
    {
      name: 'misses counted through a proxy',
      kind: 'getter or proxy',
      edits: [
        edit(
          lru,
          `this.misses = { count: 0 };`,
          `this.misses = new Proxy({ count: 0 }, { set: (target, name, value) => Reflect.set(target, name, value) });`,
        ),
      ],
      answers: [
        answer('LruCache.get', lru, 'this.misses.count++'),
        answer('LruCache.constructor', lru, 'new Proxy({ count: 0 }'),
      ],
      why: 'The trap is written in the constructor, and runs where the proxy is used: about half of the time is in each.',
      size: 0.48,
    },
    {
      name: 'the oldest is looked for',
      kind: 'loop',
      edits: [
        edit(
          lru,
          `    const entry = this.oldest;\n`,
          `    let entry = this.newest;\n    while (entry.older !== null) entry = entry.older;\n`,
        ),
      ],
      answers: [answer('LruCache.evict', lru, 'while (entry.older !== null)')],
      size: 0.4,
    },
    {
      name: 'a closure for each request',
      kind: 'closure',
      edits: [
        edit(
          lru,
          `    let page = cache.get(key);\n    if (page === undefined) {\n      page = render(request);\n      cache.set(key, page);\n    }\n`,
          `    const rendered = [() => cache.get(key), () => render(request)].map((each) => each());\n    let page = rendered[0];\n    if (page === undefined) cache.set(key, (page = rendered[1]));\n`,
        ),
      ],
      answers: [answer('serve', lru, 'const rendered = ')],
      size: 0.24,
    },
    {
      name: 'keys split in a helper',
      kind: 'split',
      edits: [
        edit(
          key,
          `  const at = page.indexOf('?');\n  const path = at === -1 ? page : page.slice(0, at);\n  return user + ':' + path;\n}`,
          `  return user + ':' + pathOf(page);\n}\n\nfunction pathOf(page) {\n  return page.split('?')[0];\n}`,
        ),
      ],
      answers: [answer('pathOf', key, `page.split('?')[0]`)],
      size: 0.45,
    },
  ],
  controls: [
    {
      name: 'renamed and commented',
      edits: [
        edit(
          lru,
          `  touch(entry) {\n    if (entry === this.newest) return;\n    this.unlink(entry);`,
          `  /** What is used becomes the newest. */\n  refresh(entry) {\n    if (entry === this.newest) return;\n    this.unlink(entry);`,
        ),
        edit(lru, `    this.touch(entry);`, `    this.refresh(entry);`),
        edit(lru, `      this.touch(known);`, `      this.refresh(known);`),
      ],
    },
    {
      name: 'moved to a file of its own',
      edits: [
        create(
          'src/entry.js',
          `export function createEntry(key, value) {\n  return { key, value, older: null, newer: null };\n}\n`,
        ),
        edit(lru, `function createEntry(key, value) {\n  return { key, value, older: null, newer: null };\n}\n\n`, ''),
        edit(
          lru,
          `import { keyOf } from './key.js';`,
          `import { createEntry } from './entry.js';\nimport { keyOf } from './key.js';`,
        ),
      ],
    },
  ],
};
