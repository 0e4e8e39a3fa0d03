import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const server = pathToFileURL(path.resolve(import.meta.dirname, '../host/server.mjs')).href;
const script = `
  import { startServer } from ${JSON.stringify(server)};
  const { origin, home } = await startServer();
  console.log(JSON.stringify({ origin, home }));
`;

test.skipIf(process.platform === 'win32')(
  'VS Code is gone, and its folder too, when its starter is killed',
  async () => {
    const starter = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(starter.stdout, 'data')) as [Buffer];
    const { origin, home } = JSON.parse(line.toString()) as { origin: string; home: string };
    expect((await fetch(origin)).status).toBe(200);

    starter.kill('SIGKILL');
    // The folder goes last, when every process of the group has ended.
    while (existsSync(home)) await sleep(50);
    await expect(fetch(origin)).rejects.toThrow('fetch failed');
  },
);
