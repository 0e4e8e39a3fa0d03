import { readFileSync, writeFileSync } from 'node:fs';
import type { Profiler } from 'node:inspector';
import { findSourceMap, type SourceMapping } from 'node:module';
import process from 'node:process';
import { begun, type Case } from './collect/case.js';
import { find, load } from './load.js';
import { openProfiler, startProfile, stopProfile } from './sample/profiler.js';

/**
 * What `debug.js` is given as JSON, in a file: one benchmark to run under a debugger or V8's profiler. Nothing of it is measured, and nothing
 * limits its time, because a debugger may hold it.
 */
export interface DebugRequest {
  readonly name: string;
  /** The file URLs of its bundle, and of a module to import before that. */
  readonly bundle: string;
  readonly prelude: string | null;
  readonly benchFile: string;
  /** How often to call it. */
  readonly calls: number;
  /** In place of that, a profile: of so many milliseconds, written to this file. */
  readonly profile: { readonly file: string; readonly ms: number } | null;
}

/** Between two samples, in microseconds. */
const sampleUs = 100;

const request = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as DebugRequest;
process.argv.splice(1, Infinity, request.benchFile);
const loaded = await load({ launch: { prelude: request.prelude, execArgv: [] }, bundle: request.bundle }, request.name);
const defined = find(loaded, request.name);
for (const hook of defined.before) await hook('run');
const benchmark = begun(defined);
const { profile } = request;
if (profile === null) await call(benchmark, request.calls);
else {
  openProfiler(sampleUs);
  // It is warm by then.
  await until(profile.ms / 2);
  startProfile();
  await until(profile.ms);
  writeFileSync(profile.file, JSON.stringify(placed(stopProfile())));
}
for (const hook of defined.after) await hook('run');
await loaded.end();
// Servers and timers that the bench file leaves keep nobody waiting.
process.exit();

/** Returns a profile whose functions are where the user wrote them. The bundle is gone when somebody looks at it. */
function placed(profile: Profiler.Profile): Profiler.Profile {
  const map = findSourceMap(request.bundle);
  if (map === undefined) return profile;
  const nodes = profile.nodes.map(({ id, callFrame, hitCount, children }) => {
    const { url, lineNumber, columnNumber } = callFrame;
    // `load` may have loaded it again, by another address.
    const isBundle = url.replace(/[?&]again$/, '') === request.bundle;
    const entry: Partial<SourceMapping> = isBundle ? map.findEntry(lineNumber, columnNumber) : {};
    const { originalSource, originalLine = 0, originalColumn = 0 } = entry;
    const place =
      originalSource === undefined
        ? {}
        : { url: originalSource, lineNumber: originalLine, columnNumber: originalColumn };
    return {
      ...{ id, callFrame: { ...callFrame, ...place } },
      ...(hitCount !== undefined && { hitCount }),
      ...(children !== undefined && { children }),
    };
  });
  return { ...profile, nodes };
}

async function until(ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end;) await call(benchmark, 1);
}

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
