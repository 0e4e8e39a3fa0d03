// node editor.mjs <dist> <perf-budget.jsonc>: an editor with one window, without the editor. It holds an engine in its thread, as the
// extension does, and does what the lines on its standard input say. Each line of JSON gets a line of JSON as its answer.
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CaptureRequest } from '../../src/engine/baseline/capture.js';
import type { Project } from '../../src/engine/project/snapshot.js';
import { Engine } from '../../src/engine/remote/client.js';
import { RemoteProject } from '../../src/engine/remote/remote-project.js';
import type { Log } from '../../src/engine/util/log.js';

export type Order =
  | { readonly do: 'run'; readonly budgets: readonly string[]; readonly fresh?: boolean }
  | { readonly do: 'save'; readonly files: readonly string[] }
  | { readonly do: 'reload' | 'cancel' | 'dispose' }
  | { readonly do: 'capture'; readonly request: CaptureRequest }
  /** Waits until nothing is measured any more, and answers with what every budget shows. */
  | { readonly do: 'settle' };

export interface Shown {
  readonly name: string;
  /** The kind of its state. */
  readonly state: string;
  readonly verdict: string | null;
  readonly message: string | null;
}

export type OrderAnswer =
  | { readonly ok: true; readonly shown: readonly Shown[]; readonly problems: readonly string[] }
  | { readonly ok: false; readonly error: string };

function shownOf({ snapshot }: Project): readonly Shown[] {
  return snapshot.budgets.map(({ budget: { name }, state }) => {
    const known = state.kind === 'known' ? state.known : state.kind === 'unmeasured' ? null : state.previous;
    return { name, state: state.kind, verdict: known?.result.verdict ?? null, message: known?.result.message ?? null };
  });
}

const isBusy = ({ snapshot }: Project): boolean =>
  snapshot.progress !== null || snapshot.budgets.some(({ state }) => state.kind === 'measuring');

/** What saves have caused and is not done yet. */
const saves = new Set<Promise<unknown>>();

async function settle(project: Project): Promise<void> {
  while (saves.size > 0) await Promise.all(saves);
  // What it does by itself: after its thread has ended, it opens the project again.
  while (isBusy(project)) await sleep(50);
}

/** As the extension tells the engine of a save, but with its answer, which comes when all that it causes is done. */
function saved({ id, connection }: RemoteProject, files: readonly string[]): void {
  const done = connection
    .call(id, { method: 'filesChanged', files, measuring: true })
    .catch(() => undefined)
    .finally(() => saves.delete(done));
  saves.add(done);
}

async function carryOut(project: RemoteProject, order: Order): Promise<void> {
  switch (order.do) {
    case 'run':
      await project.run({ budgets: order.budgets, fresh: order.fresh ?? false });
      return;
    case 'save':
      saved(project, order.files);
      return;
    case 'reload':
      return project.reload();
    case 'cancel':
      project.cancel();
      return;
    case 'capture':
      await project.capture(order.request);
      return;
    case 'settle':
      return settle(project);
    case 'dispose':
      return project.dispose();
  }
}

const [dist = '', configFile = ''] = process.argv.slice(2);
const log = Object.fromEntries(
  (['trace', 'debug', 'info', 'warn', 'error'] as const).map((level) => [
    level,
    (message: string): void => {
      if (level === 'error') process.stderr.write(`${message}\n`);
    },
  ]),
) as unknown as Log;
const engine = new Engine(path.join(dist, 'engine.js'), log);
const project = await engine.open(configFile, {
  trusted: true,
  nodePath: process.execPath,
  workerPath: path.join(dist, 'worker.js'),
});
if (!(project instanceof RemoteProject)) throw new Error('the engine opened a project of another kind');
const answer = (value: OrderAnswer): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
answer({ ok: true, shown: shownOf(project), problems: [] });
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  try {
    await carryOut(project, order);
    answer({ ok: true, shown: shownOf(project), problems: project.snapshot.problems.map(({ message }) => message) });
  } catch (error) {
    answer({ ok: false, error: String(error) });
  }
}
await engine.dispose();
