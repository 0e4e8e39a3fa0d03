import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { Bundler } from '../../../src/engine/bundle/bundler.js';
import type { Mode } from '../../../src/worker/collect/case.js';
import { remove, temporaryFolder, write } from '../../engine/repository.js';

/** What `driver` says about one bench file. */
export interface Outcome {
  readonly kind: 'cases' | 'threw';
  readonly names?: readonly string[];
  readonly error?: string;
  /** What suites and tests threw. */
  readonly failures?: readonly string[];
  /** What the bench file, and the driver's run of its cases, printed: a line each. */
  readonly printed: readonly string[];
}

const own = fileURLToPath(new URL('../../../', import.meta.url));

/**
 * The worker's part in a test: collects, says what came, runs each wanted case with all its hooks, as many phases and rounds as
 * it is told, and lets the process end. Talks over a channel, as the worker does.
 */
const driver = `
  import { collect } from './src/worker/collect/collect.ts';
  import { begun } from './src/worker/collect/case.ts';
  const shown = (name, value) => value !== undefined && console.log(name + ' = ' + JSON.stringify(value).replaceAll('"', ''));
  process.once('message', async ({ bundles, wanted, rounds, modes, file }) => {
    process.argv[1] = file;
    for (const bundle of bundles) {
      const collected = await collect(() => import(bundle), wanted, { graceMs: 300, channel: process.channel });
      if (collected.kind === 'threw') {
        process.send({ kind: 'threw', error: String(collected.error) });
        continue;
      }
      const failures = collected.failures.map(({ name, error }) => name + ': ' + error);
      process.send({ kind: 'cases', names: collected.cases.map(({ name }) => name), ...(failures.length > 0 && { failures }) });
      for (const defined of collected.cases) {
        if (defined.name !== wanted && wanted !== '*') continue;
        for (const mode of modes) {
          for (const hook of defined.before) await hook(mode);
          const each = begun(defined);
          if (each.loop !== undefined) await each.loop(rounds, () => console.log('begin'), () => console.log('end'));
          for (let round = 0; round < rounds && each.loop === undefined; round++) {
            for (const hook of each.beforeEach) await hook(mode);
            shown(each.name, await each.fn());
            for (const hook of each.afterEach) await hook(mode);
          }
          for (const hook of each.after) await hook(mode);
        }
      }
      await collected.end();
    }
    process.disconnect();
    setTimeout(() => process.exit(), 100).unref();
  });
`;

let built: Promise<string> | null = null;

function program(folder: string): Promise<string> {
  const outfile = join(folder, 'driver.mjs');
  return build({
    stdin: { contents: driver, resolveDir: own },
    ...{ bundle: true, format: 'esm', platform: 'node', target: 'node20', outfile },
  }).then(() => outfile);
}

const shared = temporaryFolder();

/** Bundles `files`' first one, as it is, and lets a process of its own collect its cases. */
export async function collecting(
  files: Readonly<Record<string, string>>,
  {
    wanted = null,
    rounds = 1,
    times = 1,
    modes = ['run'],
  }: { wanted?: string | null; rounds?: number; times?: number; modes?: readonly Mode[] } = {},
): Promise<Outcome & { readonly all: readonly Omit<Outcome, 'printed'>[] }> {
  const script = await (built ??= program(shared));
  const root = temporaryFolder();
  const bundler = new Bundler(root);
  try {
    write(root, files);
    const file = join(root, Object.keys(files)[0] ?? '');
    const bundled = await bundler.current(file);
    if (!bundled.ok) throw new Error(bundled.error.message);
    const bundles = Array.from({ length: times }, (_, time) => {
      write(root, { [`.bundles/${time}.mjs`]: bundled.value.code });
      return pathToFileURL(join(root, `.bundles/${time}.mjs`)).href;
    });
    const child = fork(script, [], { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], timeout: 20_000 });
    const all: Omit<Outcome, 'printed'>[] = [];
    let printed = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (printed += text));
    child.on('message', (message) => all.push(message as Omit<Outcome, 'printed'>));
    child.send({ bundles, wanted, rounds, modes, file });
    const end = await new Promise<string>((resolve) =>
      child.once('close', (code, signal) => resolve(signal ?? String(code))),
    );
    const [first] = all;
    if (first === undefined || all.length !== times || end !== '0') throw new Error(`ended with ${end}:\n${printed}`);
    return { ...first, all, printed: printed.split('\n').filter((line) => line !== '') };
  } finally {
    await bundler.dispose();
    remove(root);
  }
}

export function cleanUp(): void {
  rmSync(shared, { recursive: true, force: true });
}
