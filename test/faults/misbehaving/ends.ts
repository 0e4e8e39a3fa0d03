import { atLoad, either, failed, inLoop, measured, type Kind } from './kind.js';

const exited = /exit/i;
const late = /did not finish|did not load|took longer|never|in \d+(?:\.\d+)? s|settle/i;
const spin = 'for (;;);';

/** A bench file that defines hooks, too. */
const withHooks = (hooks: string, body = ''): string =>
  `import { bench, beforeAll, afterAll, describe } from 'vitest';\ndescribe('in', () => {\n${hooks}\n});\nbench('bad', () => {\n  ${body}\n}, {  });\n`;

const withOptions = (options: string, head = ''): string =>
  `import { bench } from 'vitest';\n${head}\nbench('bad', () => {}, { ${options} });\n`;

// How it ends, or does not.
export const ends: readonly Kind[] = [
  { name: 'exits in the loop', source: inLoop('process.exit(0);'), verdicts: failed, message: exited },
  {
    name: 'exits while it is loaded',
    source: `process.exit(0);\n${inLoop('')}`,
    verdicts: failed,
    message: exited,
  },
  {
    name: 'exits at top level before it defines anything',
    source: `import { bench } from 'vitest';\nif (Math.random() < 2) process.exit(0);\nbench('bad', () => {});\n`,
    verdicts: failed,
    message: exited,
  },
  {
    name: 'exits in a timer',
    source: atLoad('setTimeout(() => process.exit(0), 20);', 'for (let i = 0; i < 1e6; i++);'),
    verdicts: either,
  },
  { name: 'exits in a setup', source: withOptions('setup() { process.exit(0); }'), verdicts: failed, message: exited },
  {
    name: 'exits in a teardown',
    source: withOptions('teardown() { process.exit(0); }'),
    verdicts: failed,
    message: exited,
  },
  {
    name: 'exits through process.reallyExit',
    source: inLoop('(process as any).reallyExit(0);'),
    verdicts: failed,
    message: exited,
  },
  { name: 'sets process.exitCode', source: inLoop('process.exitCode = 77;'), verdicts: measured },
  {
    name: 'kills itself',
    source: inLoop("process.kill(process.pid, 'SIGKILL');"),
    verdicts: failed,
    message: /SIGKILL|signal|exited/,
  },
  { name: 'kills its process group', source: inLoop("process.kill(0, 'SIGKILL');"), verdicts: failed, needs: 'posix' },
  { name: 'sends itself SIGTERM', source: inLoop("process.kill(process.pid, 'SIGTERM');"), verdicts: failed },
  { name: 'aborts', source: inLoop('process.abort();'), verdicts: failed, message: /SIGABRT|signal|exited|crash/ },
  {
    name: 'has a segmentation fault',
    source: inLoop("process.kill(process.pid, 'SIGSEGV');"),
    verdicts: failed,
    message: /SIGSEGV|signal|crash/,
    needs: 'posix',
  },
  {
    name: 'stops itself',
    source: inLoop("process.kill(process.pid, 'SIGSTOP');"),
    verdicts: failed,
    message: late,
    isLong: true,
    needs: 'posix',
  },
  { name: 'loops for ever', source: inLoop(spin), verdicts: failed, message: late, isLong: true },
  { name: 'loops for ever while it is loaded', source: atLoad(spin), verdicts: failed, message: late, isLong: true },
  {
    name: 'loops for ever in a setup',
    source: withOptions(`setup() { ${spin} }`),
    verdicts: failed,
    message: late,
    isLong: true,
  },
  {
    name: 'loops for ever in a teardown',
    source: withOptions(`teardown() { ${spin} }`),
    verdicts: failed,
    message: late,
    isLong: true,
  },
  {
    name: 'loops for ever in a hook before each iteration',
    source: `import { Bench } from 'tinybench';\nconst bench = new Bench();\nbench.add('bad', () => {}, { beforeEach() { ${spin} } });\nawait bench.run();\n`,
    verdicts: failed,
    message: late,
    isLong: true,
  },
  {
    name: 'loops for ever when the process exits',
    source: atLoad(`process.on('exit', () => { ${spin} });`),
    verdicts: measured,
  },
  {
    name: 'loops for ever in a microtask',
    source: inLoop('const again = (): void => queueMicrotask(again); again();'),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'loops for ever in nextTick',
    source: inLoop('const again = (): void => process.nextTick(again); again();'),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'waits for ever with Atomics.wait',
    source: inLoop('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'),
    verdicts: failed,
    message: late,
    isLong: true,
  },
  {
    name: 'never settles at top level',
    source: atLoad('await new Promise(() => {});'),
    verdicts: failed,
    message: /settle|await|never|did not|finish/i,
    isLong: true,
  },
  {
    name: 'never settles at top level, kept alive by a timer',
    source: atLoad('setInterval(() => {}, 1000); await new Promise(() => {});'),
    verdicts: failed,
    message: late,
    isLong: true,
  },
  {
    name: 'returns a promise that never settles',
    source: `import { bench } from 'vitest';\nbench('bad', () => new Promise<void>(() => {}));\n`,
    verdicts: failed,
    isLong: true,
  },
  {
    name: 'returns a thenable that never calls back',
    source: `import { bench } from 'vitest';\nbench('bad', () => ({ then() {} }) as any);\n`,
    verdicts: either,
    isLong: true,
  },
  {
    name: 'returns a thenable that calls back twice',
    source: `import { bench } from 'vitest';\nbench('bad', () => ({ then(done: any) { done(); done(); setTimeout(done, 1); } }) as any);\n`,
    verdicts: either,
  },
  {
    name: 'returns a thenable whose then throws',
    source: `import { bench } from 'vitest';\nbench('bad', () => ({ get then(): any { throw new Error('no then'); } }) as any);\n`,
    verdicts: either,
  },
  {
    name: 'is an async generator',
    source: `import { bench } from 'vitest';\nbench('bad', async function* () { yield 1; } as any);\n`,
    verdicts: either,
  },
  {
    name: 'reads standard input',
    source: inLoop('readFileSync(0);', "import { readFileSync } from 'node:fs';"),
    verdicts: either,
  },
  {
    name: 'has hooks that loop over nothing',
    source: withHooks('beforeAll(() => {}); afterAll(() => {});'),
    verdicts: measured,
  },
];
