/** The processes that the detection benchmark starts: each ends on its own, on abort, or with the benchmark. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { killGroup } from '../../src/system/processes.js';

const running = new Set<ChildProcess>();

/** Starts Node on a script, with a channel for messages where `ipc` says so; its standard output is to be read. */
export function startNode(args: readonly string[], { cwd, ipc = false }: { cwd: string; ipc?: boolean }): ChildProcess {
  const env = { ...process.env, NO_COLOR: '1' };
  const child = spawn(process.execPath, args, {
    cwd,
    env,
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(ipc ? ['ipc' as const] : [])],
  });
  running.add(child);
  // Told by `exit`, too, to whoever waits for an answer.
  child.on('error', () => undefined);
  child.on('exit', () => running.delete(child));
  return child;
}

function kill(child: ChildProcess): void {
  if (process.platform !== 'win32' && child.pid !== undefined) killGroup(child.pid);
  else child.kill('SIGKILL');
}

/** Runs a script to its end. Resolves to what it printed; rejects where it failed or `signal` aborted. */
export async function runNode(args: readonly string[], options: { cwd: string; signal: AbortSignal }): Promise<string> {
  options.signal.throwIfAborted();
  const child = startNode(args, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const abort = (): void => kill(child);
  options.signal.addEventListener('abort', abort);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    options.signal.throwIfAborted();
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code ?? 'a signal'}: ${output.slice(-500)}`);
    return output;
  } finally {
    options.signal.removeEventListener('abort', abort);
  }
}

/** The next message of a child with a channel; rejects where it ends instead, or `signal` aborts. */
export async function message(child: ChildProcess, signal: AbortSignal): Promise<unknown> {
  const ended = new AbortController();
  const end = (): void => ended.abort(new Error('the process ended before it answered'));
  child.once('exit', end);
  try {
    const [answer] = (await once(child, 'message', { signal: AbortSignal.any([signal, ended.signal]) })) as [unknown];
    return answer;
  } finally {
    child.off('exit', end);
  }
}

/** Ends one process and all that it started, and waits until it is gone. */
export async function endNode(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  kill(child);
  await gone;
}

export async function endAll(): Promise<void> {
  await Promise.all([...running].map(endNode));
}
