// Preloaded into workers by tests of what happens with figures, not of how they are taken. It answers for the loop of `work()` in
// project.ts, which it says takes 0.7 ns a turn, within half a percent. Everything else is measured.
// Each program that a test starts loads this, so it takes what Node has already loaded.
const path = process.getBuiltinModule('node:path');

/** @typedef {import('../../src/worker/protocol.js').SideRequest} Request */
/** @typedef {import('../../src/worker/protocol.js').WorkerAnswer} Answer */
/** @typedef {import('../../src/worker/protocol.js').Numbered<import('../../src/worker/protocol.js').WorkerRequest>} Numbered */
/** @typedef {import('../../src/core/stats/slices.js').Slice} Slice */

/** Nanoseconds that a turn of the loop is said to take. */
const turnNs = 0.7;
/** An answer to a slice comes as late as a real one, or the engine would ask for thousands of them. */
const sliceMs = 4;
const secretBytes = 16;

if (path.basename(process.argv[1] ?? '') === 'worker.js') {
  const net = process.getBuiltinModule('node:net');
  const { readFileSync } = process.getBuiltinModule('node:fs');
  const { deserialize, serialize } = process.getBuiltinModule('node:v8');
  // A generator of Lehmer's. What differs from process to process seeds it, as a hash (the end of MurmurHash3), because the two
  // processes that are compared have neighbouring numbers.
  let hash = process.pid;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  let state = (((hash ^ (hash >>> 16)) >>> 0) % 2147483646) + 1;
  const jitter = () => 1 + ((state = (state * 48271) % 2147483647) / 2147483647 - 0.5) / 100;
  /** One version has one time in one process. */
  const turn = turnNs * jitter();
  /** @type {number | null} Nanoseconds that an iteration of what is open is said to take; null where it is measured. */
  let time = null;

  const { Socket } = net;
  /**
   * The worker's first socket is its end of the pipe to the engine.
   * @param {import('node:net').SocketConstructorOpts} options
   */
  const first = (options) => {
    net.Socket = Socket;
    return answering(new Socket(options));
  };
  net.Socket = /** @type {typeof Socket} */ (
    /** @type {unknown} */ (
      function (/** @type {object} */ options) {
        return first(options);
      }
    )
  );

  /**
   * Lets the worker see of its requests what is not answered here. The first bytes of the pipe are the secret before each answer.
   * (As src/system/frames.ts, which Node would have to compile in each process.)
   * @param {import('node:net').Socket} pipe
   */
  function answering(pipe) {
    let bytes = Buffer.alloc(0);
    let secret = Buffer.alloc(0);
    const on = pipe.on.bind(pipe);
    /** @type {(name: string, listener: (...args: any[]) => void) => typeof pipe} */
    const listening = (name, listener) =>
      on(name, (chunk) => {
        if (name !== 'data') return listener(chunk);
        bytes = Buffer.concat([bytes, chunk]);
        if (secret.length === 0 && bytes.length >= secretBytes) {
          secret = bytes.subarray(0, secretBytes);
          bytes = bytes.subarray(secretBytes);
          listener(secret);
        }
        while (secret.length > 0 && bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32LE()) {
          const whole = bytes.subarray(0, 4 + bytes.readUInt32LE());
          bytes = bytes.subarray(whole.length);
          const request = /** @type {unknown} */ (deserialize(whole.subarray(4)));
          if (!answers(/** @type {Numbered} */ (request))) listener(whole);
        }
      });
    pipe.on = /** @type {typeof pipe.on} */ (listening);

    /** @type {(request: Numbered) => boolean} */
    const answers = ({ number, message }) => {
      const request = sideRequest(message);
      if (request?.type === 'open') time = timeOf(request);
      if (request === null || time === null) return false;
      const answer = scripted(request, time);
      const body = serialize({ to: number, reply: answer });
      const length = Buffer.alloc(4);
      length.writeUInt32LE(body.length);
      setTimeout(() => pipe.write(Buffer.concat([secret, length, body])), answer.type === 'sliced' ? sliceMs : 0);
      return true;
    };
    return pipe;
  }

  /**
   * @param {Numbered['message']} request
   * @returns {Request | null}
   */
  function sideRequest(request) {
    return request.type === 'discover' || request.type === 'observe' || request.type === 'reach' ? null : request;
  }

  /**
   * Where the number of calls is the point, it is measured.
   * @param {import('../../src/worker/protocol.js').OpenRequest} request
   * @returns {number | null}
   */
  function timeOf({ tiering, bundle }) {
    if (tiering === null) return null;
    const [, turns] = /;i<([\de]+);i\+\+\)sum\+=i%7;/.exec(readFileSync(new URL(bundle), 'utf8')) ?? [];
    return turns === undefined ? null : Number(turns) * turn;
  }

  /**
   * @param {Request} request
   * @param {number} time
   * @returns {Answer}
   */
  function scripted(request, time) {
    switch (request.type) {
      case 'open':
        return { type: 'opened', hooks: 'none', others: [] };
      case 'begin':
        return { type: 'begun' };
      case 'end':
        return { type: 'ended' };
      case 'call':
        return { type: 'called', slice: slice(1, time), overrides: false };
      case 'warm':
        return { type: 'warmed', pace: time, isHot: true };
      case 'slice':
        return { type: 'sliced', slice: slice(request.iterations, time), restarts: false };
      case 'latency': {
        const latencies = Float64Array.from({ length: request.iterations }, () => time * jitter()).sort();
        return { type: 'timed', latencies, batch: 1 };
      }
      case 'profile-start':
        return { type: 'profiling' };
      case 'profile-stop':
        return { type: 'profiled', iterations: 1, profile: { nodes: [], startTime: 0, endTime: 0 } };
      case 'close':
        return { type: 'closed', mixed: false, empty: false, async: false };
      case 'finish':
        return { type: 'finished' };
    }
  }

  /**
   * @param {number} iterations
   * @param {number} time
   * @returns {Slice}
   */
  function slice(iterations, time) {
    const took = iterations * time;
    return { iterations, wall: took, cpu: took, queued: 0, waits: 0, collections: 0, collecting: 0 };
  }
}
