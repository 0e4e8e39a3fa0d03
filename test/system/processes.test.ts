import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { descendantsOf } from '../../src/system/processes.js';

const source = pathToFileURL(path.resolve(import.meta.dirname, '../../src/system/processes.ts')).href;

test.runIf(process.platform === 'linux')('a leader that ends its own group ends what has left it first', async () => {
  // It has no mark, so only the list of descendants has it.
  const script = `
    const { killGroup } = await import(${JSON.stringify(source)});
    const { spawn } = await import('node:child_process');
    spawn('sleep', ['300'], { detached: true, env: {}, stdio: 'ignore' });
    process.stdin.once('data', () => killGroup(process.pid));
    console.log('ready');
  `;
  const leader = spawn(process.execPath, ['--input-type=module', '--no-warnings', '-e', script], { detached: true });
  const ended = once(leader, 'exit');
  await once(leader.stdout, 'data');
  const started = descendantsOf(leader.pid ?? 0);
  expect(started).toHaveLength(1);
  leader.stdin.write('now');
  expect(await ended).toEqual([null, 'SIGKILL']);
  await vi.waitFor(() => expect(started.filter((pid) => existsSync(`/proc/${pid}/cwd`))).toEqual([]), 5000);
});
