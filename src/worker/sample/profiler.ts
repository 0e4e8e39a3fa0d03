import { Session, type Profiler } from 'node:inspector';

/** With more nodes, a profile is too large to be passed on: in deep recursion, each path has nodes of its own. */
const mostNodes = 100_000;

/** V8 does not profile this process. */
export class Unprofiled extends Error {}

type Post = (method: string, params: object, done: (error: unknown, result: unknown) => void) => void;

// The user's code may put something else in their place, so they are taken before it runs.
const session = new Session();
const connect = session.connect.bind(session);
const disconnect = session.disconnect.bind(session);
const post = session.post.bind(session) as Post;

/**
 * Starts V8's sampling profiler, with a sample every `intervalUs` microseconds if the system can. It knows the line of each
 * instruction of code that V8 has optimized before, because Node always has V8 keep them, and throws no such code away. Takes 10 to
 * 50 ms, so that it cannot be turned off while the other side has its turn. Throws `Unprofiled` if V8 refuses.
 */
export function startProfiler(intervalUs: number): void {
  attempt(() => {
    connect();
    ask('Profiler.enable');
    ask('Profiler.setSamplingInterval', { interval: intervalUs });
    ask('Profiler.start');
  });
}

/** Stops the profiler. Throws `Unprofiled` if it does not run, or if what it has seen is too large. */
export function stopProfiler(): Profiler.Profile {
  return attempt(() => {
    const { profile } = ask('Profiler.stop') as Profiler.StopReturnType;
    ask('Profiler.disable');
    disconnect();
    if (profile.nodes.length > mostNodes) throw new Error(`its profile has ${profile.nodes.length} nodes`);
    return profile;
  });
}

/** Asks V8, which answers before this returns. */
function ask(method: string, params: object = {}): unknown {
  let answer: { readonly error: unknown; readonly result: unknown } = { error: 'V8 did not answer', result: null };
  post(method, params, (error, result) => (answer = { error, result }));
  if (answer.error !== null) throw answer.error;
  return answer.result;
}

function attempt<Value>(what: () => Value): Value {
  try {
    return what();
  } catch (error) {
    throw new Unprofiled('V8 refuses', { cause: error });
  }
}
