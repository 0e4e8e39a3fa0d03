import { describe, expect, test, vi } from 'vitest';
import { settle } from '../../../src/engine/processes/settle.js';

const never = new Promise<never>(() => undefined);
const nothing = (): void => undefined;

describe('a wait ends with what comes first', () => {
  test('the reply', async () => {
    const settled = settle({ ended: never, timeoutMs: 60_000 }, (reply) => {
      reply(1);
      reply(2);
    });
    expect(await settled).toEqual({ kind: 'reply', reply: 1 });
  });

  test('the end', async () => {
    expect(await settle({ ended: Promise.resolve('exit'), timeoutMs: 60_000 }, nothing)).toEqual({
      kind: 'ended',
      end: 'exit',
    });
  });

  test('the time, which each sign of life begins again', async () => {
    vi.useFakeTimers();
    try {
      let heard = nothing;
      let kind = 'open';
      const settled = settle({ ended: never, timeoutMs: 100 }, (_, sign) => (heard = sign));
      void settled.then((one) => (kind = one.kind));
      await vi.advanceTimersByTimeAsync(90);
      heard();
      await vi.advanceTimersByTimeAsync(90);
      expect(kind).toBe('open');
      await vi.advanceTimersByTimeAsync(20);
      expect(kind).toBe('timeout');
    } finally {
      vi.useRealTimers();
    }
  });

  test('the abort, also one before it began', async () => {
    const controller = new AbortController();
    const begun = settle({ ended: never, timeoutMs: 60_000, signal: controller.signal }, nothing);
    controller.abort();
    expect(await begun).toEqual({ kind: 'aborted' });
    const start = vi.fn();
    expect(await settle({ ended: never, timeoutMs: 60_000, signal: controller.signal }, start)).toEqual({
      kind: 'aborted',
    });
    expect(start).not.toHaveBeenCalled();
  });
});
