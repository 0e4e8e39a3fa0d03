import { readFileSync } from 'node:fs';
import process from 'node:process';
import { begun, type Case } from './collect/case.js';
import { find, load } from './load.js';

/**
 * What `debug.js` is given as JSON, in a file: one benchmark to run under a debugger. Nothing of it is measured, and nothing limits
 * its time, because a debugger may hold it.
 */
export interface DebugRequest {
  readonly name: string;
  /** The file URLs of its bundle, and of a module to import before that. */
  readonly bundle: string;
  readonly prelude: string | null;
  readonly benchFile: string;
  /** How often to call it. */
  readonly calls: number;
}

const request = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as DebugRequest;
process.argv.splice(1, Infinity, request.benchFile);
const loaded = await load({ launch: { prelude: request.prelude, execArgv: [] }, bundle: request.bundle }, request.name);
const defined = find(loaded, request.name);
for (const hook of defined.before) await hook('run');
const benchmark = begun(defined);
await call(benchmark, request.calls);
for (const hook of defined.after) await hook('run');
await loaded.end();
// Servers and timers that the bench file leaves keep nobody waiting.
process.exit();

async function call({ fn, computed, loop, beforeEach, afterEach }: Case, calls: number): Promise<void> {
  if (loop !== undefined) {
    await loop(
      calls,
      () => undefined,
      () => undefined,
    );
    return;
  }
  for (let done = 0; done < calls; done++) {
    for (const hook of beforeEach) await hook('run');
    if (computed === undefined) await fn();
    else {
      const values: unknown[] = [];
      for (const parameter of computed.parameters) values.push(await parameter());
      await computed.fn(...values);
    }
    for (const hook of afterEach) await hook('run');
  }
}
