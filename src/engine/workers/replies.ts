import type { Profiler } from 'node:inspector';
import * as v from 'valibot';
import type { Replied } from '../../worker/protocol.js';

// What a worker may send. It is data from a process in which code of the user runs.

/** The worker itself passes on fewer. */
const mostProfileNodes = 100_000;

const finite = v.pipe(v.number(), v.finite());
const amount = v.pipe(finite, v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(1_000_000));
/** Messages are put into sentences. */
const cut = (most: number) =>
  v.pipe(
    v.string(),
    v.transform((words) => words.slice(0, most)),
  );
const sentence = cut(2000);
const list = <Item extends v.GenericSchema>(item: Item) => v.pipe(v.array(item), v.maxLength(1_000_000));

const failure = v.object({
  kind: v.picklist(['not-found', 'compile', 'import', 'threw', 'exited', 'memory', 'timeout', 'crashed', 'spawn']),
  message: sentence,
  file: v.exactOptional(text),
  line: v.exactOptional(amount),
  column: v.exactOptional(amount),
  stack: v.exactOptional(text),
});

const slice = v.object({
  iterations: amount,
  wall: amount,
  cpu: v.nullable(amount),
  queued: v.nullable(amount),
  waits: v.nullable(amount),
  collections: amount,
  collecting: amount,
});

const attempts = v.object({ iterations: amount, errors: amount, message: v.nullable(sentence) });

const running = v.object({
  iterations: amount,
  cpu: amount,
  allocated: finite,
  heap: amount,
  rss: amount,
  reported: list(
    v.object({
      name: text,
      unit: v.nullable(text),
      count: amount,
      mean: finite,
      standardError: amount,
    }),
  ),
});

const sampledBytes = v.object({ bytes: amount, error: amount });
const index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const allocations = v.pipe(
  v.object({
    calls: amount,
    functions: list(
      v.object({ function: text, url: text, line: amount, column: amount, warm: sampledBytes, apart: sampledBytes }),
    ),
    edges: list(v.object({ caller: index, callee: index, inlined: v.boolean() })),
    heap: finite,
    external: amount,
  }),
  v.check(({ functions, edges }) => edges.every(({ caller, callee }) => Math.max(caller, callee) < functions.length)),
);

const retainers = v.object({
  cycles: amount,
  groups: list(
    v.object({
      constructor: sentence,
      path: list(
        v.object({
          kind: v.picklist(['property', 'element', 'variable', 'export', 'inside']),
          of: sentence,
          name: sentence,
        }),
      ),
      count: amount,
      bytes: amount,
      allocatedIn: v.nullable(v.object({ function: text, url: text, line: amount, column: amount })),
    }),
  ),
  tooLarge: v.nullable(amount),
});

const answer = v.object({
  blocks: list(text),
  empty: v.union([v.null(), v.literal('nothing'), v.object({ opaque: sentence })]),
  shown: list(
    v.object({
      path: text,
      text,
      piece: v.exactOptional(v.object({ of: v.picklist(['text', 'numbers']), at: amount })),
    }),
  ),
});

const latencies = v.pipe(
  v.instance(Float64Array),
  v.check((all) => all.every((one) => one >= 0 && one < Infinity)),
);

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** V8 counts places from zero, and has -1 for what has none. */
const place = v.pipe(v.number(), v.safeInteger(), v.minValue(-1));

const profile = v.pipe(
  v.object({
    nodes: v.pipe(
      v.array(
        v.object({
          id: whole,
          callFrame: v.object({
            functionName: cut(2000),
            scriptId: v.pipe(v.string(), v.maxLength(20)),
            url: cut(20_000),
            lineNumber: place,
            columnNumber: place,
          }),
          hitCount: v.exactOptional(whole),
          children: v.exactOptional(list(whole)),
          deoptReason: v.exactOptional(sentence),
          positionTicks: v.exactOptional(list(v.object({ line: whole, ticks: whole }))),
        }),
      ),
      v.maxLength(mostProfileNodes),
    ),
    startTime: amount,
    endTime: amount,
    samples: v.exactOptional(list(whole)),
    // Samples of two moments may arrive in the wrong order.
    timeDeltas: v.exactOptional(list(finite)),
  }),
  v.check((one) => isWhole(one)),
);

/** Whether each node has a number and a caller of its own, and each sample is a node: what follows them comes to an end. */
function isWhole({ nodes, samples = [], timeDeltas = [] }: Readonly<Profiler.Profile>): boolean {
  const ids = new Set(nodes.map(({ id }) => id));
  // A child that comes after its caller, and has only one, is never a caller of that.
  const known = new Set<number>();
  const called = new Set<number>();
  const isInOrder = nodes.every(({ id, children = [] }) => {
    known.add(id);
    return children.every((child) => {
      const isNew = ids.has(child) && !known.has(child) && !called.has(child);
      called.add(child);
      return isNew;
    });
  });
  return (
    isInOrder &&
    ids.size === nodes.length &&
    samples.length === timeDeltas.length &&
    samples.every((sample) => ids.has(sample))
  );
}

const type = <Name extends string>(name: Name) => ({ type: v.literal(name) });

const reply = v.variant('type', [
  v.object({ ...type('ready'), pid: v.pipe(v.number(), v.safeInteger(), v.minValue(1)) }),
  v.object({ ...type('attempts'), attempts }),
  v.object({ ...type('failed'), failure }),
  v.object({ ...type('names'), names: list(text), failures: list(v.object({ name: text, failure })) }),
  v.variant('kind', [
    v.object({ ...type('observed'), kind: v.literal('running'), figures: running }),
    v.object({
      ...type('observed'),
      kind: v.literal('cycles'),
      points: list(v.object({ cycles: amount, bytes: amount })),
    }),
    v.object({ ...type('observed'), kind: v.literal('allocations'), allocations }),
    v.object({ ...type('observed'), kind: v.literal('retainers'), retainers }),
    v.object({ ...type('observed'), kind: v.literal('attempts'), attempts }),
    v.object({ ...type('observed'), kind: v.literal('steady'), iterations: amount }),
    v.object({ ...type('observed'), kind: v.literal('answers'), answers: list(answer) }),
  ]),
  v.object({
    ...type('reached'),
    cases: list(
      v.object({
        name: text,
        failure: v.nullable(sentence),
        ms: amount,
        functions: list(v.object({ offset: amount, calls: amount })),
      }),
    ),
  }),
  v.object({ ...type('opened'), hooks: v.picklist(['phase', 'iteration', 'none']), others: list(text) }),
  v.object(type('begun')),
  v.object(type('ended')),
  v.object({ ...type('called'), slice, overrides: v.boolean() }),
  v.object({ ...type('warmed'), pace: amount, isHot: v.boolean() }),
  v.object({ ...type('sliced'), slice, restarts: v.boolean() }),
  v.object({ ...type('timed'), latencies, batch: amount }),
  v.object(type('profiling')),
  v.object({ ...type('profiled'), iterations: whole, profile }),
  v.object({ ...type('closed'), mixed: v.boolean(), empty: v.boolean(), async: v.boolean() }),
  v.object(type('finished')),
]);

const replied: v.GenericSchema<unknown, Replied> = v.object({ to: amount, reply });

/** Returns a message as a reply; null if it is none. */
export function readReply(message: unknown): Replied | null {
  const parsed = v.safeParse(replied, message);
  return parsed.success ? parsed.output : null;
}
