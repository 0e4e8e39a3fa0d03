import { either, fast, inLoop, measured, slow, slowHead, type Kind } from './kind.js';

/** What it does to the language and to Node, while it is loaded. That it lies about itself is its own affair; others must not suffer. */
const patches: Readonly<Record<string, string>> = {
  'Array.prototype methods':
    "for (const name of ['map', 'push', 'filter', 'find', 'join', 'sort', 'slice', 'includes', 'flatMap']) (Array.prototype as any)[name] = () => { throw new Error('patched'); };",
  'an enumerable Array.prototype member':
    "(Array.prototype as any).extra = 'extra'; (Object.prototype as any).inherited = 'inherited';",
  'Object.prototype setters':
    "for (const name of ['type', 'value', 'message', 'name', 'then']) Object.defineProperty(Object.prototype, name, { set() {}, get() { return undefined; }, configurable: true });",
  'Object.prototype.toString': "Object.prototype.toString = () => { throw new Error('patched'); };",
  'Function.prototype.call and bind':
    "Function.prototype.call = Function.prototype.bind = Function.prototype.apply = (() => { throw new Error('patched'); }) as any;",
  Promise: "globalThis.Promise = class { constructor() { throw new Error('patched'); } } as any;",
  'Promise.prototype.then': "Promise.prototype.then = () => { throw new Error('patched'); };",
  JSON: "JSON.stringify = JSON.parse = (() => { throw new Error('patched'); }) as any;",
  'Symbol.iterator of arrays': "(Array.prototype as any)[Symbol.iterator] = () => { throw new Error('patched'); };",
  Math: 'for (const name of Object.getOwnPropertyNames(Math)) try { (Math as any)[name] = () => 0; } catch {}',
  'Map and Set':
    "Map.prototype.get = Map.prototype.set = Set.prototype.has = (() => { throw new Error('patched'); }) as any;",
  'timers, left faked': 'globalThis.setTimeout = globalThis.setImmediate = globalThis.setInterval = (() => 0) as any;',
  'Date, left faked':
    'globalThis.Date = class extends Date { constructor() { super(0); } static override now() { return 0; } } as any;',
  'Error.prepareStackTrace':
    "Error.prepareStackTrace = () => { throw new Error('patched'); }; Error.stackTraceLimit = 0;",
  'process.hrtime': 'process.hrtime = (() => [0, 0]) as any; (process.hrtime as any).bigint = () => 0n;',
  'performance.now': 'performance.now = () => 0;',
  'process.nextTick': 'delete (process as any).nextTick;',
  queueMicrotask: 'globalThis.queueMicrotask = () => {};',
  'process.env': '(process as any).env = null;',
  'process itself': '(globalThis as any).process = undefined;',
  'frozen globals':
    'for (const name of Object.getOwnPropertyNames(globalThis)) try { Object.freeze((globalThis as any)[name]); Object.freeze((globalThis as any)[name].prototype); } catch {}',
  Float64Array: 'globalThis.Float64Array = class { constructor() { throw new Error("patched"); } } as any;',
  'process.memoryUsage and gc':
    "process.memoryUsage = (() => { throw new Error('patched'); }) as any; (globalThis as any).gc = () => { throw new Error('patched'); };",
  console: "for (const name of Object.keys(console)) (console as any)[name] = () => { throw new Error('patched'); };",
  'node:fs':
    "fs.readFileSync = fs.writeFileSync = fs.existsSync = (() => { throw new Error('patched'); }) as any; syncBuiltinESMExports();",
};

const heads: Readonly<Record<string, string>> = {
  'node:fs': "import fs from 'node:fs';\nimport { syncBuiltinESMExports } from 'node:module';\n",
};

export const patched: readonly Kind[] = [
  ...Object.entries(patches).map(([name, text]): Kind => ({
    name: `patches ${name}`,
    source: inLoop('for (let i = 0; i < 100; i++);', `${heads[name] ?? ''}${text}`),
    verdicts: either,
    isLong: true,
  })),
  {
    name: 'patches performance.now, and is still measured by the true clock',
    source: inLoop(slow, `${slowHead}\nperformance.now = () => 0; (process.hrtime as any).bigint = () => 0n;`),
    verdicts: ['fail', 'error', 'undecided'],
    limit: fast,
  },
  {
    name: 'installs fake timers and leaves them',
    source: `import { bench, vi } from 'vitest';\ntry { vi.useFakeTimers(); } catch {}\nbench('bad', () => {});\n`,
    verdicts: either,
  },
  {
    name: 'sets V8 flags',
    source: inLoop(
      '',
      "import { setFlagsFromString } from 'node:v8';\nsetFlagsFromString('--no-opt'); setFlagsFromString('--stack-size=50');",
    ),
    verdicts: either,
  },
  {
    name: 'registers a loader that throws',
    source: inLoop(
      '',
      "import { register } from 'node:module';\ntry { register('data:text/javascript,export function resolve() { throw new Error(1) }'); } catch {}",
    ),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'throws in an async hook',
    source: inLoop(
      '',
      "import { createHook } from 'node:async_hooks';\ncreateHook({ init() { throw new Error('hook'); } }).enable();",
    ),
    verdicts: either,
  },
  {
    name: 'holds the collector of benchmarks',
    source: inLoop(
      '',
      "const key = Symbol.for('perf-budget.collector'); const held: any = (globalThis as any)[key]; try { if (held) for (const name of Object.keys(held)) held[name] = null; } catch {}",
    ),
    verdicts: either,
  },
  {
    name: 'changes its arguments and title',
    source: inLoop('', "process.argv.length = 0; process.execArgv.length = 0; process.title = 'x'.repeat(10_000);"),
    verdicts: measured,
  },
];
