import { Session, type Profiler } from 'node:inspector';

/** With more nodes, a profile is too large to be passed on: in deep recursion, each path has nodes of its own. */
const mostNodes = 100_000;

/** V8 does not profile this process. */
export class Unprofiled extends Error {}

type Post = (method: string, params: object, done: (error: Error | null, result: unknown) => void) => void;

// The user's code may put something else in their place, so they are taken before it runs.
const session = new Session();
const connect = session.connect.bind(session);
const disconnect = session.disconnect.bind(session);
const post = session.post.bind(session) as Post;
const { profile: startAnother } = console;

/**
 * Has V8's sampling profiler run from now on, with a sample every `intervalUs` microseconds if the system can. Takes 20 to 100 ms, in
 * which V8 tells it of all code that there is, except of loops that were replaced while they ran: their time would count for the
 * caller. So it runs before there are such, in a profile that nobody reads, and `startProfile` begins another one in no time. Node
 * has V8 keep the line of each instruction anyway, and no code is thrown away. Throws `Unprofiled` if V8 refuses.
 */
export function openProfiler(intervalUs: number): void {
  attempt(() => {
    connect();
    ask('Profiler.enable');
    ask('Profiler.setSamplingInterval', { interval: intervalUs });
    startAnother();
  });
}

export function startProfile(): void {
  attempt(() => ask('Profiler.start'));
}

/** Stops the profiler. Throws `Unprofiled` if it does not run, or if what it has seen is too large. */
export function stopProfile(): Profiler.Profile {
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
  let answer: { readonly error: Error | null; readonly result: unknown } = {
    ...{ error: new Error('V8 does not answer'), result: null },
  };
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
