// Preloaded into workers by tests of what happens with figures, not of how they are taken. It answers for the loop of `work()` in
// project.ts, which it says takes 0.7 ns a turn, within half a percent. Everything else is measured.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** Nanoseconds that a turn of the loop is said to take. */
const turnNs = 0.7;

if (path.basename(process.argv[1] ?? '') === 'worker.js') {
  // A generator of Lehmer's, seeded with what differs from process to process.
  let state = process.pid;
  const jitter = () => 1 + ((state = (state * 48271) % 2147483647) / 2147483647 - 0.5) / 100;

  const emit = /** @type {(name: string, ...args: unknown[]) => boolean} */ (process.emit.bind(process));
  /** @type {typeof emit} */
  const answering = (name, ...args) => {
    const answer = name === 'message' ? scripted(/** @type {{ type: string }} */ (args[0])) : null;
    if (answer === null) return emit(name, ...args);
    process.send?.({ type: 'sampling' });
    process.send?.(answer);
    return true;
  };
  process.emit = /** @type {typeof process.emit} */ (answering);

  /**
   * @param {{ type: string }} request
   * @returns {import('../../src/worker/protocol.js').Measured | null}
   */
  function scripted(request) {
    if (request.type !== 'measure') return null;
    const { sides, latency, warmup, deadlineMs } =
      /** @type {import('../../src/worker/protocol.js').MeasureRequest} */ (request);
    if (warmup > 0 || deadlineMs === 0) return null;
    const taken = sides.map(({ side, bundle }) => {
      const [, turns] = /;i<([\de]+);i\+\+\)sum\+=i%7;/.exec(readFileSync(new URL(bundle), 'utf8')) ?? [];
      const time = Number(turns) * turnNs * jitter();
      const isAsked = latency?.sides.includes(side) === true;
      const latencies = Float64Array.from({ length: isAsked ? latency.iterations : 0 }, () => time * jitter()).sort();
      return { side, time, iterations: 100, latencies, batch: 1 };
    });
    if (taken.some(({ time }) => Number.isNaN(time))) return null;
    const time = (/** @type {string} */ name) => taken.find(({ side }) => side === name)?.time;
    const [current, baseline] = [time('current'), time('baseline')];
    const logRatio = current === undefined || baseline === undefined ? null : Math.log(current / baseline);
    return {
      ...{ type: 'measured', sides: taken, logRatio, clock: 'cpu', slices: 16 },
      ...{ nothing: false, mixed: false, busyMs: 100 },
    };
  }
}
