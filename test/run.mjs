// node test/run.mjs [plans]: everything that a change must pass: first what does not measure, beside tests in windows, which often wait;
// then what does. What each step prints is printed when it ends, whole; the last line is the sum of all tests.
import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { stripVTControlCharacters } from 'node:util';
import { node24 } from './host/node.mjs';

const root = path.resolve(import.meta.dirname, '..');
const sum = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const failed = [];

/**
 * Runs a step to its end; what has failed does not keep the next from running.
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function step(name, command, args, env = {}) {
  const started = performance.now();
  // The shell, for npm is a script on Windows.
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    env: { ...(process.stdout.isTTY ? { FORCE_COLOR: '1' } : {}), ...process.env, ...env },
  });
  let output = '';
  const add = (/** @type {string} */ text) => (output += text);
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', add);
  /** @type {boolean} */
  const isDone = await new Promise((resolve) => {
    child.on('error', () => resolve(false)).on('close', (code) => resolve(code === 0));
  });
  if (!isDone) failed.push(name);
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n--- ${name}: ${isDone ? 'ended' : 'FAILED'} after ${seconds} s\n${output.trim()}`);
  const [, tests = ''] = /^ *Tests +(.*)$/m.exec(stripVTControlCharacters(output)) ?? [];
  const count = (/** @type {string} */ kind) => Number(new RegExp(`(\\d+) ${kind}`).exec(tests)?.[1] ?? 0);
  sum.passed += count('passed');
  sum.failed += count('failed');
  sum.skipped += count('skipped');
}

/**
 * @param {string} name of a script in package.json
 * @param {string} [folder] before all others on the PATH, which Windows spells otherwise
 */
function npm(name, folder) {
  const key = Object.keys(process.env).find((one) => one.toUpperCase() === 'PATH') ?? 'PATH';
  const env = folder === undefined ? {} : { [key]: [folder, process.env[key]].join(path.delimiter) };
  return step(name, 'npm', ['run', '--silent', name], env);
}

const runner = ['test/host/node.mjs', 'node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
/** @param {readonly string[]} projects of test/vitest.config.ts */
const vitest = (...projects) =>
  step(`tests: ${projects.join(', ')}`, 'node', [...runner, ...projects.map((name) => `--project=${name}`)]);

await npm('build');
if (process.argv[2] === 'plans') {
  await step('all plans', 'node', [...runner, 'engine/project/plans'], { PLANS: 'all' });
} else {
  // ESLint takes a quarter less time there than on Node 20.
  const first = path.dirname(await node24());
  await Promise.all([npm('check', first).then(() => vitest('unit')), vitest('waiting')]);
  await vitest('engine');
  await vitest('editor');
}
if (failed.length > 0) console.log(`\nFailed: ${failed.join('; ')}.`);
console.log(`\n${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
process.exitCode = failed.length > 0 ? 1 : 0;
