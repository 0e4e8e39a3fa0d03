import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runTests } from '@vscode/test-electron';
import { build } from 'esbuild';
import { testExecutable } from '../host/desktop.mjs';
import { root } from '../host/install.mjs';

export interface CheckResult {
  readonly name: string;
  /** The stack of what it threw; null where it passed. */
  readonly error: string | null;
}

/**
 * Runs the functions that a module of `host/` exports inside the extension host of a real VS Code that has a folder open.
 * Throws, with what VS Code said, where it ended without having run them all.
 */
export async function runInHost(module: string, folder: string): Promise<CheckResult[]> {
  const temporary = await mkdtemp(path.join(tmpdir(), 'perf-budget-in-host-'));
  const output = new PassThrough();
  const said = text(output);
  try {
    const extensionTestsPath = path.join(temporary, 'tests.cjs');
    const results = path.join(temporary, 'results.json');
    await build({
      stdin: {
        contents: `import * as checks from './${module}'; import { run as all } from './run.ts'; export const run = () => all(checks);`,
        resolveDir: path.join(import.meta.dirname, 'host'),
      },
      outfile: extensionTestsPath,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['vscode'],
    });
    const vscodeExecutablePath = testExecutable();
    const ended = await runTests({
      ...(vscodeExecutablePath === undefined ? {} : { vscodeExecutablePath }),
      extensionDevelopmentPath: root,
      extensionTestsPath,
      extensionTestsEnv: { PERF_BUDGET_RESULTS: results },
      launchArgs: [
        folder,
        `--user-data-dir=${path.join(temporary, 'user-data')}`,
        `--extensions-dir=${path.join(temporary, 'extensions')}`,
      ],
      stdout: output,
      stderr: output,
    }).catch((error: unknown) => String(error));
    output.end();
    // A host that is killed ends as if all were well: only the results tell.
    const written = await readFile(results, 'utf8').catch(async () => {
      throw new Error(`VS Code ended (${ended}) without results:\n${await said}`);
    });
    return JSON.parse(written) as CheckResult[];
  } finally {
    await rm(temporary, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
