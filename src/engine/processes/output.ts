import path from 'node:path';
import { Child, type ChildEnd } from './child.js';
import { settle } from './settle.js';

const limitMs = 5000;

/** Returns what a short program prints, trimmed; null if it cannot be started, fails, or takes longer than five seconds. */
export async function outputOf(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | null> {
  const child = new Child(command, args, {
    // Windows looks for programs in the current folder first.
    cwd: path.dirname(process.execPath),
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    startsPrograms: true,
  });
  const chunks: Buffer[] = [];
  const settled = await settle<never, ChildEnd>({ ended: child.ended, timeoutMs: limitMs }, () =>
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk)),
  );
  child.kill();
  const isDone = settled.kind === 'ended' && settled.end.kind === 'exit' && settled.end.code === 0;
  return isDone ? Buffer.concat(chunks).toString().trim() : null;
}
