import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';
import type { Machine } from '../core/measurement.js';
import type { Runtime } from './runtime.js';

/** The machine that measures; `node` is the version that the benchmarks run on, or `unknown` where it cannot be started. */
export async function describeMachine(runtime: Runtime): Promise<Machine> {
  const cpus = os.cpus();
  const asked = promisify(execFile)(runtime.command, ['--version'], { env: runtime.env, windowsHide: true });
  const node = await asked.then(({ stdout }) => stdout.trim().replace(/^v/, '')).catch(() => 'unknown');
  return {
    cpu: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    os: `${os.type()} ${os.release()} ${os.arch()}`,
    node,
  };
}
