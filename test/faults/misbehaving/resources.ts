import { either, failed, inLoop, slow, slowHead, type Kind } from './kind.js';

const spawns = "import { spawn, spawnSync, execFileSync } from 'node:child_process';";
const child = 'setInterval(() => {}, 1000)';
const start = (options: string): string => `spawn(process.execPath, ['-e', '${child}'], { ${options} })`;

// What it takes from the machine: memory, processes, files.
export const resources: readonly Kind[] = [
  {
    name: 'fills the heap',
    source: inLoop(
      'for (;;) all.push({ at: all.length, text: `${all.length} of many` });',
      'const all: unknown[] = [];',
    ),
    verdicts: failed,
    message: /memory|finish/,
    isLong: true,
  },
  {
    name: 'fills memory with array buffers',
    source: inLoop('for (;;) all.push(new Uint8Array(50_000_000).fill(1));', 'const all: unknown[] = [];'),
    verdicts: failed,
    message: /memory|signal|finish/,
    isLong: true,
  },
  {
    name: 'asks for an array buffer that is too large',
    source: inLoop('new ArrayBuffer(2 ** 52);'),
    verdicts: failed,
    message: /threw/,
  },
  {
    name: 'makes a string that is too long',
    source: inLoop("'x'.repeat(2 ** 30);"),
    verdicts: failed,
    message: /threw/,
  },
  {
    name: 'starts 20 detached children',
    source: inLoop(`if (left-- > 0) ${start("detached: true, stdio: 'ignore'")}.unref();`, `${spawns}\nlet left = 20;`),
    verdicts: either,
  },
  {
    name: 'starts 20 children that hold its output',
    source: inLoop(`if (left-- > 0) ${start("stdio: 'inherit'")}.unref();`, `${spawns}\nlet left = 20;`),
    verdicts: either,
  },
  {
    name: 'starts detached children that hold its output',
    // Nothing but the first calls' children would be an implausible gain, which is a warning of its own.
    source: inLoop(
      `if (left-- > 0) ${start("detached: true, stdio: 'inherit'")}.unref();\n  ${slow}`,
      `${spawns}\n${slowHead}\nlet left = 5;`,
    ),
    verdicts: either,
  },
  {
    name: 'starts a daemon while it is loaded, and exits',
    source: `${spawns}\n${start("detached: true, stdio: 'ignore'")}.unref();\nprocess.exit(0);\n`,
    verdicts: failed,
  },
  {
    name: 'starts a daemon without its environment',
    source: inLoop(
      `if (left-- > 0) ${start("detached: true, stdio: 'ignore', env: { FAULT_CASE: process.env.FAULT_CASE }")}.unref();`,
      `${spawns}\nlet left = 3;`,
    ),
    verdicts: either,
    needs: 'linux',
  },
  {
    name: 'starts a daemon with setsid, twice',
    source: inLoop(
      "if (left-- > 0) execFileSync('setsid', ['-f', 'setsid', '-f', 'sleep', '600'], { stdio: 'ignore' });",
      `${spawns}\nlet left = 3;`,
    ),
    verdicts: either,
    needs: 'linux',
  },
  {
    name: 'starts a child that ignores signals',
    source: inLoop(
      `if (left-- > 0) spawn(process.execPath, ['-e', 'for (const s of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(s, () => {}); ${child}'], { stdio: 'ignore' });`,
      `${spawns}\nlet left = 3;`,
    ),
    verdicts: either,
  },
  {
    name: 'runs a program that hangs',
    source: inLoop(`spawnSync(process.execPath, ['-e', '${child}']);`, spawns),
    verdicts: failed,
    isLong: true,
  },
  {
    name: 'starts threads that loop',
    source: inLoop(
      'if (left-- > 0) new Worker("for (;;);", { eval: true });',
      "import { Worker } from 'node:worker_threads';\nlet left = 3;",
    ),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'forks a cluster',
    source: inLoop(
      'if (left-- > 0) cluster.fork();',
      "import cluster from 'node:cluster';\ncluster.setupPrimary?.({ exec: process.execPath, args: [] });\nlet left = 3;",
    ),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'forks itself with a channel',
    source: inLoop(
      `if (left-- > 0) fork('-e', ['${child}'], { execArgv: [], stdio: 'ignore' }).on('error', () => {});`,
      "import { fork } from 'node:child_process';\nlet left = 3;",
    ),
    verdicts: either,
  },
  {
    name: 'writes 1 GB to standard error',
    source: inLoop(
      'if (left-- > 0) process.stderr.write(chunk);',
      "const chunk = 'x'.repeat(10_000_000);\nlet left = 100;",
    ),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'writes 1 GB to standard error at once',
    source: inLoop(
      'if (left-- > 0) try { writeSync(2, chunk); } catch {}',
      "import { writeSync } from 'node:fs';\nconst chunk = 'x'.repeat(10_000_000);\nlet left = 100;",
    ),
    verdicts: either,
    isLong: true,
  },
  {
    name: 'opens every file that it may',
    source: inLoop(
      'try { for (let i = 0; i < 5000; i++) openSync(process.execPath, "r"); } catch {}',
      "import { openSync } from 'node:fs';",
    ),
    verdicts: either,
  },
  {
    name: 'opens a server that stays',
    source: inLoop(
      'if (left-- > 0) createServer().listen(0);',
      "import { createServer } from 'node:http';\nlet left = 10;",
    ),
    verdicts: either,
  },
  {
    name: 'opens the inspector',
    source: inLoop(
      "if (left-- > 0) inspector.open(0, '127.0.0.1');",
      "import inspector from 'node:inspector';\nlet left = 1;",
    ),
    verdicts: either,
  },
  {
    name: 'deletes its own bundle',
    source: inLoop(
      'try { rmSync(fileURLToPath(import.meta.url), { force: true }); } catch {}',
      "import { rmSync } from 'node:fs';\nimport { fileURLToPath } from 'node:url';",
    ),
    verdicts: either,
  },
  {
    name: 'deletes the folder for temporary files',
    source: inLoop(
      'try { rmSync(tmpdir(), { recursive: true, force: true }); mkdirSync(tmpdir(), { recursive: true }); } catch {}',
      "import { mkdirSync, rmSync } from 'node:fs';\nimport { tmpdir } from 'node:os';",
    ),
    verdicts: either,
  },
  {
    name: 'writes into .git and node_modules',
    source: inLoop(
      "mkdirSync('node_modules/x', { recursive: true }); writeFileSync('node_modules/x/index.js', ''); writeFileSync('.git/junk', 'junk');",
      "import { mkdirSync, writeFileSync } from 'node:fs';",
    ),
    verdicts: either,
  },
  { name: 'changes the working directory', source: inLoop("process.chdir('/');"), verdicts: either },
  {
    name: 'removes the working directory',
    source: inLoop(
      "if (left-- > 0) { mkdirSync('gone'); process.chdir('gone'); rmdirSync('../gone'); }",
      "import { mkdirSync, rmdirSync } from 'node:fs';\nlet left = 1;",
    ),
    verdicts: either,
    needs: 'posix',
  },
];
