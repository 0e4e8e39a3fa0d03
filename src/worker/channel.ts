import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { frame, FrameReader } from '../system/frames.js';

// The process's end of the pipe to the engine. It is not Node's own channel, because that is the user's, too: `process.send`
// and `process.on('message')`.

const descriptor = 3;
const secretBytes = 16;
const none = new Uint8Array();

/** What is used after the user's code may have replaced it. */
const { wait } = Atomics;
const write = writeSync;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export interface Channel {
  /** Sends a message before it returns, because the process may end at once. Throws if it cannot be passed on. */
  readonly send: (message: unknown) => void;
  /** Whether it keeps this process alive. */
  readonly ref: () => void;
  readonly unref: () => void;
}

/**
 * Opens the pipe. Its first bytes are the secret that precedes each message from here. `onEnd`: the engine is gone, and so is
 * everybody who waits for an answer.
 */
export function openChannel(onMessage: (message: unknown) => void, onEnd: () => void): Promise<Channel> {
  const pipe = new Socket({ fd: descriptor, readable: true, writable: true });
  const requests = new FrameReader(none, Infinity);
  pipe.on('error', onEnd);
  pipe.on('close', onEnd);
  pipe.on('end', onEnd);
  return new Promise((resolve) => {
    let first: Buffer | null = Buffer.alloc(0);
    pipe.on('data', (chunk: Buffer) => {
      let rest = chunk;
      if (first !== null) {
        first = Buffer.concat([first, chunk]);
        if (first.length < secretBytes) return;
        const secret = first.subarray(0, secretBytes);
        rest = first.subarray(secretBytes);
        first = null;
        resolve({
          send: (message) => sendAll(frame(secret, message), pipe, onEnd),
          ref: () => pipe.ref(),
          unref: () => pipe.unref(),
        });
      }
      for (const message of requests.push(rest)) onMessage(message);
    });
  });
}

function sendAll(bytes: Uint8Array, pipe: Socket, onEnd: () => void): void {
  // There, a pipe that a stream has open cannot be written to in another way.
  if (process.platform === 'win32') {
    pipe.write(bytes);
    return;
  }
  for (let at = 0; at < bytes.length;) {
    try {
      at += write(descriptor, bytes, at);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        onEnd();
        return;
      }
      // The engine has not read what is in the pipe.
      wait(sleeper, 0, 0, 1);
    }
  }
}
