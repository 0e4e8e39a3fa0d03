/** Old and new code that does the same work in another shape. A call takes between 1 µs and 5 ms. */
export interface Pair {
  readonly name: string;
  /** Module code that both versions share. */
  readonly setup: string;
  /** The bodies of `work()`, or of `async work()`. */
  readonly before: string;
  readonly after: string;
  readonly async?: true;
}

/** Returns the text of a module that exports one version as `work`. */
export const moduleOf = ({ setup, async }: Pair, body: string): string =>
  `${setup}\nexport ${async === true ? 'async ' : ''}function work() {\n  ${body}\n}\n`;

const numbers = (count = 5000): string =>
  `const values = Array.from({ length: ${count} }, (_, i) => Math.sin(i) * 1000);`;
const integers = (count: number): string =>
  `const values = Array.from({ length: ${count} }, (_, i) => (i * 7919) % 100003);`;
const words = `const text = Array.from({ length: 400 }, (_, i) => 'w' + ((i * 7919) % 53)).join(' ');`;
const records = (count: number): string =>
  `const records = Array.from({ length: ${count} }, (_, i) => ({ id: i, name: 'n' + (i % 97), score: (i * 7919) % 1009 }));`;
const indexed = 'let s = 0; for (let i = 0; i < values.length; i++) s += values[i]; return s;';
const iterated = 'let s = 0; for (const v of values) s += v; return s;';
const classes = `class Circle { constructor(r) { this.r = r; } area() { return 3.14 * this.r * this.r; } }
class Square { constructor(a) { this.a = a; } area() { return this.a * this.a; } }
class Rect { constructor(a, b) { this.a = a; this.b = b; } area() { return this.a * this.b; } }
class Tri { constructor(a, h) { this.a = a; this.h = h; } area() { return (this.a * this.h) / 2; } }
class Dot { constructor() { this.z = 0; } area() { return this.z; } }
class Hex { constructor(a) { this.a = a; } area() { return 2.6 * this.a * this.a; } }
const made = [(i) => new Circle(i), (i) => new Square(i), (i) => new Rect(i, 2), (i) => new Tri(i, 3), () => new Dot(), (i) => new Hex(i)];
const shapes = Array.from({ length: 2000 }, (_, i) => made[i % 6](i));
const circles = Array.from({ length: 2000 }, (_, i) => new Circle(i));`;

/** The changes of shape that people make every day, and their reverses where the way matters. */
export const pairs: readonly Pair[] = [
  // Work that stays the same.
  {
    name: 'renamed local',
    setup: numbers(),
    before: indexed,
    after: indexed.replaceAll('s ', 'z ').replace('return s', 'return z'),
  },
  {
    name: 'renamed local, parameter',
    setup: `${numbers()}\nfunction sum(list) { let s = 0; for (let i = 0; i < list.length; i++) s += list[i] * i; return s; }\nfunction total(list) { let t = 0; for (let i = 0; i < list.length; i++) t += list[i] * i; return t; }`,
    before: 'return sum(values);',
    after: 'return total(values);',
  },
  {
    name: 'closure for loop',
    setup: numbers(),
    before: indexed,
    after:
      'let s = 0; const add = (v) => { s += v; }; for (let i = 0; i < values.length; i++) add(values[i]); return s;',
  },
  {
    name: 'more work, 10%',
    setup: numbers(),
    before: `let t = 0; for (let k = 0; k < 10; k++) { ${iterated.replace('return s;', 't += s;')} } return t;`,
    after: `let t = 0; for (let k = 0; k < 11; k++) { ${iterated.replace('return s;', 't += s;')} } return t;`,
  },
  {
    name: 'more work, 30%, short',
    setup: numbers(1000),
    before: 'let s = 0; for (let i = 0; i < 500; i++) s += values[i]; return s;',
    after: 'let s = 0; for (let i = 0; i < 650; i++) s += values[i]; return s;',
  },
  // Loops and array methods.
  {
    name: 'for to forEach',
    setup: numbers(),
    before: indexed,
    after: 'let s = 0; values.forEach((v) => { s += v; }); return s;',
  },
  {
    name: 'forEach to for of',
    setup: numbers(),
    before: 'let s = 0; values.forEach((v) => { s += v; }); return s;',
    after: iterated,
  },
  { name: 'for to reduce', setup: numbers(), before: indexed, after: 'return values.reduce((a, b) => a + b, 0);' },
  {
    name: 'reduce to for, short',
    setup: numbers(500),
    before: 'return values.reduce((a, b) => a + b, 0);',
    after: indexed,
  },
  {
    name: 'for of to some',
    setup: numbers(),
    before: 'for (const v of values) if (v > 2000) return 1; return 0;',
    after: 'return values.some((v) => v > 2000) ? 1 : 0;',
  },
  {
    name: 'every to for',
    setup: numbers(),
    before: 'return values.every((v) => v < 2000) ? 1 : 0;',
    after: 'for (let i = 0; i < values.length; i++) if (values[i] >= 2000) return 0; return 1;',
  },
  {
    name: 'push to map',
    setup: numbers(),
    before: 'const out = []; for (const v of values) out.push(v * 2); return out.length;',
    after: 'return values.map((v) => v * 2).length;',
  },
  {
    name: 'map to push, short',
    setup: numbers(300),
    before: 'return values.map((v) => v * 2).length;',
    after: 'const out = []; for (const v of values) out.push(v * 2); return out.length;',
  },
  {
    name: 'filter and map to one loop',
    setup: numbers(),
    before: 'return values.filter((v) => v > 0).map((v) => v * 2).length;',
    after: 'const out = []; for (const v of values) if (v > 0) out.push(v * 2); return out.length;',
  },
  {
    name: 'find to loop',
    setup: records(1000),
    before: 'let s = 0; for (let k = 0; k < 5; k++) s += records.find((r) => r.id === 150 + k * 170).score; return s;',
    after:
      'let s = 0; for (let k = 0; k < 5; k++) for (const r of records) if (r.id === 150 + k * 170) { s += r.score; break; } return s;',
  },
  {
    name: 'flatMap to nested loops',
    setup: numbers(600),
    before: 'return values.flatMap((v) => [v, -v]).length;',
    after: 'const out = []; for (const v of values) { out.push(v); out.push(-v); } return out.length;',
  },
  {
    name: 'index to entries()',
    setup: numbers(),
    before: 'let s = 0; for (let i = 0; i < values.length; i++) s += i * values[i]; return s;',
    after: 'let s = 0; for (const [i, v] of values.entries()) s += i * v; return s;',
  },
  {
    name: 'for of to for in',
    setup: numbers(500),
    before: iterated,
    after: 'let s = 0; for (const i in values) s += values[i]; return s;',
  },
  {
    name: 'a second, shorter loop',
    setup: numbers(),
    before: iterated,
    after: 'let s = 0; for (const v of values) s += v; for (let i = 0; i < 1500; i++) s += values[i]; return s;',
  },
  {
    name: 'reduce over 150,000',
    setup: numbers(150_000),
    before: indexed,
    after: 'return values.reduce((a, b) => a + b, 0);',
  },
  // Spread, rest and destructuring.
  {
    name: 'push to spread',
    setup: numbers(200),
    before: 'let out = []; for (const v of values) out.push(v); return out.length;',
    after: 'let out = []; for (const v of values) out = [...out, v]; return out.length;',
  },
  {
    name: 'concat to spread',
    setup: numbers(),
    before: 'return [].concat(values, values).length;',
    after: 'return [...values, ...values].length;',
  },
  {
    name: 'object spread to assignments',
    setup: records(300),
    before: 'const out = []; for (const r of records) out.push({ ...r, seen: true }); return out.length;',
    after:
      'const out = []; for (const r of records) out.push({ id: r.id, name: r.name, score: r.score, seen: true }); return out.length;',
  },
  {
    name: 'arguments to destructuring',
    setup: records(1000),
    before: 'let s = 0; for (const r of records) s += r.id + r.score; return s;',
    after: 'let s = 0; for (const { id, score } of records) s += id + score; return s;',
  },
  {
    name: 'array pairs to destructuring swap',
    setup: numbers(2000),
    before: 'let a = 0, b = 1; for (const v of values) { const t = a; a = b; b = t + v; } return a + b;',
    after: 'let a = 0, b = 1; for (const v of values) [a, b] = [b, a + v]; return a + b;',
  },
  // Functions, classes, generators.
  {
    name: 'class to closure',
    setup:
      'class Counter { constructor() { this.n = 0; } add(v) { this.n += v; } }\nconst counter = () => { let n = 0; return { add(v) { n += v; }, get n() { return n; } }; };',
    before: 'const c = new Counter(); for (let i = 0; i < 3000; i++) c.add(i); return c.n;',
    after: 'const c = counter(); for (let i = 0; i < 3000; i++) c.add(i); return c.n;',
  },
  {
    name: 'private field',
    setup:
      'class Open { constructor() { this.n = 0; } add(v) { this.n += v; } get sum() { return this.n; } }\nclass Closed { #n = 0; add(v) { this.#n += v; } get sum() { return this.#n; } }',
    before: 'const c = new Open(); for (let i = 0; i < 3000; i++) c.add(i); return c.sum;',
    after: 'const c = new Closed(); for (let i = 0; i < 3000; i++) c.add(i); return c.sum;',
  },
  {
    name: 'loop to generator',
    setup: `${numbers(2000)}\nfunction* each(list) { for (const v of list) yield v; }`,
    before: iterated,
    after: 'let s = 0; for (const v of each(values)) s += v; return s;',
  },
  {
    name: 'monomorphic to megamorphic calls',
    setup: classes,
    before: 'let s = 0; for (const c of circles) s += c.area(); return s;',
    after: 'let s = 0; for (const c of shapes) s += c.area(); return s;',
  },
  {
    name: 'switch to lookup table',
    setup: `${integers(3000)}\nconst table = [(v) => v + 1, (v) => v * 2, (v) => v - 3, (v) => v ^ 5];`,
    before:
      'let s = 0; for (const v of values) { switch (v & 3) { case 0: s += v + 1; break; case 1: s += v * 2; break; case 2: s += v - 3; break; default: s += v ^ 5; } } return s;',
    after: 'let s = 0; for (const v of values) s += table[v & 3](v); return s;',
  },
  {
    name: 'recursion to loop',
    setup: '',
    before: 'const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2)); return fib(15);',
    after: 'let a = 0, b = 1; for (let i = 0; i < 1500; i++) { const t = (a + b) % 1e9; a = b; b = t; } return a;',
  },
  {
    name: 'try and catch in a loop',
    setup: numbers(),
    before: indexed,
    after: 'let s = 0; for (let i = 0; i < values.length; i++) { try { s += values[i]; } catch { s -= 1; } } return s;',
  },
  {
    name: 'bind to arrow',
    setup: `${numbers(1000)}\nconst base = { k: 3, mul(v) { return v * this.k; } };`,
    before: 'const f = base.mul.bind(base); let s = 0; for (const v of values) s += f(v); return s;',
    after: 'const f = (v) => base.mul(v); let s = 0; for (const v of values) s += f(v); return s;',
  },
  // Maps, objects, sets.
  {
    name: 'object to Map',
    setup: words,
    before: 'const m = {}; for (const w of text.split(" ")) m[w] = (m[w] ?? 0) + 1; return Object.keys(m).length;',
    after: 'const m = new Map(); for (const w of text.split(" ")) m.set(w, (m.get(w) ?? 0) + 1); return m.size;',
  },
  {
    name: 'includes to Set',
    setup: `${integers(120)}\nconst wanted = new Set(values);`,
    before: 'let n = 0; for (let i = 0; i < 120; i++) if (values.includes(i * 7919)) n++; return n;',
    after: 'let n = 0; for (let i = 0; i < 120; i++) if (wanted.has(i * 7919)) n++; return n;',
  },
  {
    name: 'delete to undefined',
    setup: '',
    before:
      'let s = 0; for (let i = 0; i < 200; i++) { const o = { a: i, b: 1, c: 2 }; delete o.b; s += o.a + o.c; } return s;',
    after:
      'let s = 0; for (let i = 0; i < 200; i++) { const o = { a: i, b: 1, c: 2 }; o.b = undefined; s += o.a + o.c; } return s;',
  },
  {
    name: 'Object.entries to keys',
    setup: 'const o = Object.fromEntries(Array.from({ length: 100 }, (_, i) => ["k" + i, i]));',
    before: 'let s = 0; for (const [, v] of Object.entries(o)) s += v; return s;',
    after: 'let s = 0; for (const k of Object.keys(o)) s += o[k]; return s;',
  },
  // Text.
  {
    name: 'concatenation to join',
    setup: integers(500),
    before: 'let t = ""; for (const v of values) t += v + ","; return t.length;',
    after: 'const parts = []; for (const v of values) parts.push(v); return parts.join(",").length;',
  },
  {
    name: 'regular expression to character codes',
    setup: words,
    before: 'return text.match(/[0-9]/g).length;',
    after:
      'let n = 0; for (let i = 0; i < text.length; i++) { const c = text.charCodeAt(i); if (c >= 48 && c <= 57) n++; } return n;',
  },
  {
    name: 'split to indexOf',
    setup: words,
    before: 'return text.split(" ").length;',
    after: 'let n = 1; for (let at = text.indexOf(" "); at !== -1; at = text.indexOf(" ", at + 1)) n++; return n;',
  },
  {
    name: 'replace with callback',
    setup: words,
    before: 'return text.replace(/w(\\d+)/g, "v$1").length;',
    after: 'return text.replace(/w(\\d+)/g, (_, d) => "v" + d).length;',
  },
  {
    name: 'template to concatenation',
    setup: records(500),
    before: 'let n = 0; for (const r of records) n += `${r.id}:${r.name}`.length; return n;',
    after: 'let n = 0; for (const r of records) n += (r.id + ":" + r.name).length; return n;',
  },
  {
    name: 'JSON copy to structuredClone',
    setup: records(50),
    before: 'return JSON.parse(JSON.stringify(records)).length;',
    after: 'return structuredClone(records).length;',
  },
  {
    name: 'JSON copy to hand copy',
    setup: records(100),
    before: 'return JSON.parse(JSON.stringify(records)).length;',
    after: 'return records.map((r) => ({ id: r.id, name: r.name, score: r.score })).length;',
  },
  // Sorting.
  {
    name: 'comparator with branches',
    setup: integers(300),
    before: 'return values.slice().sort((a, b) => a - b)[0];',
    after: 'return values.slice().sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))[0];',
  },
  {
    name: 'sort to typed array',
    setup: integers(2000),
    before: 'return values.slice().sort((a, b) => a - b)[0];',
    after: 'return Float64Array.from(values).sort()[0];',
  },
  {
    name: 'sort to minimum',
    setup: integers(300),
    before: 'return values.slice().sort((a, b) => a - b)[0];',
    after: 'return Math.min(...values);',
  },
  // Typed, sparse and big.
  {
    name: 'array to typed array',
    setup: `${numbers()}\nconst typed = Float64Array.from(values);`,
    before: indexed,
    after: indexed.replaceAll('values', 'typed'),
  },
  {
    name: 'dense to sparse',
    setup:
      'const dense = Array.from({ length: 500 }, (_, i) => i);\nconst sparse = []; for (let i = 0; i < 500; i++) sparse[i * 5000] = i;',
    before: 'let s = 0; for (let i = 0; i < 500; i++) s += dense[i]; return s;',
    after: 'let s = 0; for (let i = 0; i < 500; i++) s += sparse[i * 5000]; return s;',
  },
  {
    name: 'holes',
    setup: numbers(2000) + '\nconst holey = values.slice(); delete holey[7];',
    before: indexed,
    after: 'let s = 0; for (let i = 0; i < holey.length; i++) s += holey[i] ?? 0; return s;',
  },
  {
    name: 'number to BigInt',
    setup: '',
    before: 'let s = 0; for (let i = 0; i < 500; i++) s = (s * 31 + i) % 1000003; return s;',
    after: 'let s = 0n; for (let i = 0n; i < 500n; i++) s = (s * 31n + i) % 1000003n; return Number(s);',
  },
  {
    name: 'matrix by rows to by columns',
    setup:
      'const n = 200; const m = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => i * j));',
    before: 'let s = 0; for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) s += m[i][j]; return s;',
    after: 'let s = 0; for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) s += m[i][j]; return s;',
  },
  {
    name: 'matrix product, order of loops',
    setup: 'const n = 110; const a = new Float64Array(n * n).fill(1.5); const b = new Float64Array(n * n).fill(0.5);',
    before:
      'const c = new Float64Array(n * n); for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) { let t = 0; for (let k = 0; k < n; k++) t += a[i * n + k] * b[k * n + j]; c[i * n + j] = t; } return c[5];',
    after:
      'const c = new Float64Array(n * n); for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) { const t = a[i * n + k]; for (let j = 0; j < n; j++) c[i * n + j] += t * b[k * n + j]; } return c[5];',
  },
  {
    name: 'objects in a tree to arrays',
    setup: 'const keys = Array.from({ length: 120 }, (_, i) => (i * 7919) % 100003);',
    before:
      'let root = null; for (const key of keys) { const fresh = { key, left: null, right: null }; if (!root) { root = fresh; continue; } for (let n = root; ;) { if (key < n.key) { if (!n.left) { n.left = fresh; break; } n = n.left; } else { if (!n.right) { n.right = fresh; break; } n = n.right; } } } return root.key;',
    after:
      'const key = [], left = [], right = []; for (const k of keys) { const at = key.length; key.push(k); left.push(-1); right.push(-1); if (at === 0) continue; for (let n = 0; ;) { if (k < key[n]) { if (left[n] < 0) { left[n] = at; break; } n = left[n]; } else { if (right[n] < 0) { right[n] = at; break; } n = right[n]; } } } return key[0];',
  },
  // Promises.
  {
    name: 'await to then',
    setup: 'const step = async (v) => v + 1;',
    async: true,
    before: 'let s = 0; for (let i = 0; i < 50; i++) s = await step(s); return s;',
    after: 'let p = Promise.resolve(0); for (let i = 0; i < 50; i++) p = p.then((s) => s + 1); return p;',
  },
  {
    name: 'sequential to Promise.all',
    setup: 'const step = async (v) => v + 1;',
    async: true,
    before: 'let s = 0; for (let i = 0; i < 40; i++) s += await step(i); return s;',
    after:
      'const all = await Promise.all(Array.from({ length: 40 }, (_, i) => step(i))); let s = 0; for (const v of all) s += v; return s;',
  },
];
