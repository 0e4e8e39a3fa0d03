import { atLoad, either, failed, inLoop, type Kind } from './kind.js';

const thrown: Readonly<Record<string, string>> = {
  null: 'null',
  undefined: 'undefined',
  'a symbol': "Symbol('boom')",
  'a bigint': '1n',
  'a function': '() => 1',
  'an object without a prototype': 'Object.create(null)',
  'a proxy that throws':
    "new Proxy({}, { get() { throw new Error('get'); }, getPrototypeOf() { throw new Error('proto'); }, has() { throw new Error('has'); } })",
  'a revoked proxy': '(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()',
  'an error whose message is a number': 'Object.assign(new Error(), { message: 42 })',
  'an error whose message is an object': 'Object.assign(new Error(), { message: { a: 1 } })',
  'an error whose message is null': 'Object.assign(new Error(), { message: null })',
  'an error whose message is a symbol': 'Object.assign(new Error(), { message: Symbol("s") })',
  'an error whose message throws':
    "Object.defineProperty(new Error(), 'message', { get() { throw new Error('inner'); } })",
  'an error whose stack throws':
    "Object.defineProperty(new Error('outer'), 'stack', { get() { throw new Error('inner'); } })",
  'an error whose stack is a number': "Object.assign(new Error('outer'), { stack: 7 })",
  'an error whose name throws':
    "Object.defineProperty(new Error('outer'), 'name', { get() { throw new Error('inner'); } })",
  'an object whose toString throws': "{ toString() { throw new Error('inner'); } }",
  'an error with a cyclic cause': "(() => { const e: any = new Error('cyclic'); e.cause = e; return e; })()",
  'an error with a message of 50 MB': "new Error('x'.repeat(50_000_000))",
  'an error of escapes and newlines': "new Error('\\u001b[2J\\u001b]0;title\\u0007\\nsecond line\\u202e')",
  'an error with an empty message': 'new Error()',
};

// What it throws, and where.
export const throws: readonly Kind[] = [
  ...Object.entries(thrown).map(([name, text]): Kind => ({
    name: `throws ${name}`,
    source: inLoop(`throw ${text};`),
    verdicts: failed,
    // One calm sentence, however long and strange what was thrown is.
    // eslint-disable-next-line no-control-regex
    message: /^(?=[^\u001b\u0007\u202e\n]{1,2000}$).*threw/s,
  })),
  {
    name: 'throws null while it is loaded',
    source: atLoad('throw null;'),
    verdicts: failed,
    message: /threw while loading|could not be loaded/,
  },
  {
    name: 'throws a proxy while it is loaded',
    source: atLoad(`throw ${thrown['a proxy that throws'] ?? ''};`),
    verdicts: failed,
    message: /threw while loading|could not be loaded/,
  },
  {
    name: 'rejects with undefined',
    source: `import { bench } from 'vitest';\nbench('bad', () => Promise.reject(undefined));\n`,
    verdicts: failed,
    message: /threw/,
  },
  {
    name: 'has an unhandled rejection',
    source: inLoop("void Promise.reject(new Error('boom'));"),
    verdicts: failed,
    message: /unhandled promise rejection: boom/,
  },
  {
    name: 'has an unhandled rejection of null',
    source: inLoop('void Promise.reject(null);'),
    verdicts: failed,
    message: /unhandled promise rejection/,
  },
  { name: 'throws in a timer', source: inLoop("setTimeout(() => { throw new Error('boom'); }, 0);"), verdicts: either },
  {
    name: 'throws a getter in a timer',
    source: inLoop(`setImmediate(() => { throw ${thrown['an error whose message throws'] ?? ''}; });`),
    verdicts: either,
  },
  {
    name: 'overflows the stack',
    source: inLoop('const deep = (): number => deep() + 1; deep();'),
    verdicts: failed,
    message: /stack/i,
  },
  {
    name: 'throws in an uncaughtException handler',
    source: atLoad(
      "process.on('uncaughtException', () => { throw new Error('again'); });",
      "setImmediate(() => { throw new Error('first'); });",
    ),
    verdicts: either,
  },
  { name: 'does not compile', source: 'const = 1;', verdicts: failed, message: /does not compile|could not be loaded/ },
  {
    name: 'imports what is not there',
    source: atLoad("import '../src/nothing.js';"),
    verdicts: failed,
    message: /nothing|could not be loaded/,
  },
  {
    name: 'needs a native addon that is missing',
    source: atLoad("import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('./missing.node');"),
    verdicts: failed,
    message: /missing\.node|could not be loaded/,
  },
  {
    name: 'loads junk as a native addon',
    source: atLoad(
      "import { writeFileSync } from 'node:fs';\nwriteFileSync('.perf-budget/junk.node', 'junk');\nprocess.dlopen({ exports: {} } as any, process.cwd() + '/.perf-budget/junk.node');",
    ),
    verdicts: failed,
  },
];
