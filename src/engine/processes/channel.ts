import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { frame, FrameReader } from '../../system/frames.js';
import type { Child } from './child.js';

/** No reply is longer. */
const mostBytes = 64 * 1024 * 1024;
const none = new Uint8Array();

/**
 * The descriptors 3 and 4 of such a process: the pipe, and one over which nothing is sent, whose end says that the engine is gone.
 * `overlapped`, because on Windows a process cannot write to a pipe while it reads from it otherwise; elsewhere it is `pipe`.
 */
export const channelStdio = ['overlapped', 'overlapped'] as const;

/**
 * The engine's end of the pipe to a process in which code of the user runs. It begins with a secret, which the process repeats
 * before each message, so that what the user's code writes there is nobody's message. The contents are still data of a process
 * that is not trusted: check them.
 */
export class Channel {
  readonly #pipe: Socket | null;

  /** `onBroken`: nothing that it sends can be read any more. */
  constructor({ pipe }: Child, onMessage: (message: unknown) => void, onBroken: () => void) {
    this.#pipe = pipe;
    // The process could not be started, and its end says so.
    if (pipe === null) return;
    const secret = randomBytes(16);
    const reader = new FrameReader(secret, mostBytes);
    pipe.on('data', (chunk: Buffer) => {
      let messages: readonly unknown[] = [];
      try {
        messages = reader.push(chunk);
      } catch {
        pipe.destroy();
        onBroken();
      }
      messages.forEach(onMessage);
    });
    pipe.write(secret);
  }

  /** Sends a message. If the process has ended, its end says so. */
  send(message: unknown): void {
    if (this.#pipe?.writable === true) this.#pipe.write(frame(none, message));
  }
}
