import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'perf budget node '));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function run(code: string, ...args: string[]) {
  const script = path.join(folder, 'script.mjs');
  await writeFile(script, code);
  const node = path.join(import.meta.dirname, 'node.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [node, script, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('a script gets its arguments, and its exit code is passed on', async () => {
  const code = 'console.log(JSON.stringify(process.argv.slice(2))); process.exit(3);';
  expect(await run(code, 'a', 'b c', '')).toEqual({ status: 3, stdout: '["a","b c",""]\n', stderr: '' });
});

test('the children of a script find the same Node on the PATH', async () => {
  const code = `
    import { execFileSync } from 'node:child_process';
    const child = execFileSync('node', ['-p', 'process.execPath'], { encoding: 'utf8' }).trim();
    console.log(child === process.execPath);`;
  expect(await run(code)).toEqual({ status: 0, stdout: 'true\n', stderr: '' });
});

test('a script that is ended by a signal has failed', async () => {
  expect(await run('process.kill(process.pid, "SIGKILL");')).toEqual({ status: 1, stdout: '', stderr: '' });
});
