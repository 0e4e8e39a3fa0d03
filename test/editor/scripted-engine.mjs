import { readFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';

/**
 * @typedef {import('../../src/engine/remote/protocol.js').ToEngine} ToEngine
 * @typedef {import('../../src/engine/remote/protocol.js').FromEngine} FromEngine
 * @typedef {import('../../src/core/results/state.js').BudgetState} BudgetState
 * @typedef {import('./scripted-extension.js').Script} Script
 */

/**
 * Runs the real engine, and says of one budget what a script says: its verdict, until code is saved, and its explanation, and the
 * verdicts of others. The first request for an explanation waits until it is cancelled.
 * @param {string} engine the address of the real one
 * @param {string} scriptFile the path of a `Script` as JSON
 */
export async function play(engine, scriptFile) {
  if (parentPort === null) throw new Error('An engine is a thread.');
  /** @type {unknown} */
  const script = JSON.parse(readFileSync(scriptFile, 'utf8'));
  const { budget, result, explained, others = {}, commit = null } = /** @type {Script} */ (script);
  const port = parentPort;
  const known = { result, at: Date.now() };
  /** @type {BudgetState} */
  let state = { kind: 'known', known };
  /** The first explanation: not asked for yet, or by this call. */
  let waiting = /** @type {number | null} */ (null);
  /** @type {Extract<FromEngine, { type: 'patch' }> | null} */
  let seen = null;

  const postMessage = port.postMessage.bind(port);
  /** @type {(message: FromEngine) => void} */
  const post = (message) => postMessage(message);
  /** @type {(message: Extract<FromEngine, { type: 'patch' }>) => void} */
  const postPatch = (message) => {
    const baseline = { name: 'HEAD', commit };
    /** @type {(name: string) => BudgetState | null} */
    const told = (name) => {
      const other = others[name];
      return name === budget
        ? state
        : other === undefined
          ? null
          : { kind: 'known', known: { result: other, at: known.at } };
    };
    const views = message.patch.views.map((view) => ({ ...view, state: told(view.budget.name) ?? view.state }));
    post({ ...message, patch: { ...message.patch, baseline, views } });
  };
  /** @type {(next: BudgetState) => void} */
  const say = (next) => {
    state = next;
    if (seen === null) return;
    const { views, baseline } = seen.patch;
    postPatch({ ...seen, patch: { progress: null, baseline, views, last: true } });
  };

  /** @type {(message: ToEngine, pass: (message: ToEngine) => void) => void} */
  const receive = (message, pass) => {
    if (message.type === 'abort' && message.id === waiting)
      post({ type: 'reply', id: message.id, value: { ok: false, error: 'It was cancelled.' } });
    if (message.type !== 'call') {
      pass(message);
      return;
    }
    const { id, call } = message;
    // Settings are files, too.
    const isCode = call.method === 'filesChanged' && call.files.some((file) => file.includes('/src/'));
    if (call.method === 'explain') {
      post({ type: 'progress', id, progress: 'profiling' });
      if (waiting === null) waiting = id;
      else post({ type: 'reply', id, value: { ok: true, value: explained } });
    } else if (isCode) {
      say({ kind: 'stale', previous: known, cause: 'code' });
      post({ type: 'reply', id, value: null });
    } else pass(message);
  };

  /** @type {(message: FromEngine) => void} */
  const send = (message) => {
    if (message.type !== 'patch') {
      post(message);
      return;
    }
    if (message.patch.views.some((view) => view.budget.name === budget)) seen = message;
    postPatch(message);
  };
  const on = port.on.bind(port);
  /** @type {(name: string, listener: (message: ToEngine) => void) => unknown} */
  const listen = (name, listener) =>
    name === 'message' ? on('message', (/** @type {ToEngine} */ message) => receive(message, listener)) : null;
  Object.assign(port, { postMessage: send, on: listen });
  await import(engine);
}
