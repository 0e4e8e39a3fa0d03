/** The thread in which an editor's projects live, so that their work never blocks the editor. */
import { parentPort } from 'node:worker_threads';
import { unreachable } from '../../core/result.js';
import type { Log } from '../util/log.js';
import { createProject } from '../project/open.js';
import type { Call, FromEngine, SnapshotPatch, ToEngine } from './protocol.js';
import { emptySnapshot, type BudgetView, type Project, type Snapshot } from '../project/snapshot.js';

/** The first change is sent at once; changes within this time after it are sent together. */
const publishMs = 15;
/** About a hundred kilobytes, which take the receiver a millisecond to read. */
const viewsPerPiece = 50;

function send(message: FromEngine): void {
  parentPort?.postMessage(message);
}

const logAt =
  (level: keyof Log) =>
  (message: string): void =>
    send({ type: 'log', level, message });
const log: Log = {
  trace: logAt('trace'),
  debug: logAt('debug'),
  info: logAt('info'),
  warn: logAt('warn'),
  error: logAt('error'),
};

/** Sends the changes in a project's snapshot. */
class Publisher {
  #sent: Snapshot = emptySnapshot;
  readonly #views = new Map<string, BudgetView>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(
    readonly id: number,
    readonly project: Project,
  ) {
    project.onDidChange(() => this.#changed());
  }

  #changed(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    this.flush();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.project.snapshot !== this.#sent) this.#changed();
    }, publishMs);
  }

  flush(): void {
    const { snapshot } = this.project;
    if (snapshot === this.#sent) return;
    const views = snapshot.budgets.filter((view) => !same(view, this.#views.get(view.budget.name)));
    for (const view of views) this.#views.set(view.budget.name, view);
    const { config, problems, benchmarks, progress, baseline } = snapshot;
    const names = snapshot.budgets.map(({ budget }) => budget.name);
    const news = {
      ...(config !== this.#sent.config && { config: config && { ...config, budgets: [] }, names }),
      ...(problems !== this.#sent.problems && { problems }),
      ...(benchmarks !== this.#sent.benchmarks && { benchmarks }),
    };
    this.#sent = snapshot;
    for (let at = 0; at === 0 || at < views.length; at += viewsPerPiece) {
      const last = at + viewsPerPiece >= views.length;
      const piece = views.slice(at, at + viewsPerPiece);
      const patch: SnapshotPatch = { ...(last && news), progress, baseline, views: piece, last };
      send({ type: 'patch', project: this.id, patch });
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

function same(a: BudgetView, b: BudgetView | undefined): boolean {
  if (a.budget !== b?.budget || a.state !== b.state) return false;
  return JSON.stringify([a.code, a.also, a.bench]) === JSON.stringify([b.code, b.also, b.bench]);
}

const projects = new Map<number, { project: Project; publisher: Publisher }>();
const aborts = new Map<number, AbortController>();

async function answer(id: number, projectId: number, call: Call): Promise<unknown> {
  if (call.method === 'open') {
    const project = await createProject(call.configFile, { ...call.options, log, measuresWhenIdle: true });
    const publisher = new Publisher(projectId, project);
    projects.set(projectId, { project, publisher });
    // Show the budgets before their bench files are read.
    void project.reload().catch(failed);
    publisher.flush();
    return project.root;
  }
  const found = projects.get(projectId);
  if (found === undefined) return null;
  const { project, publisher } = found;
  switch (call.method) {
    case 'reload':
      return project.reload(call.measuring);
    case 'run': {
      const controller = new AbortController();
      aborts.set(id, controller);
      try {
        return await project.run(call.request, controller.signal);
      } finally {
        aborts.delete(id);
      }
    }
    case 'capture':
      return project.capture(call.request);
    case 'cannotCapture':
      return project.cannotCapture();
    case 'baselines':
      return project.baselines();
    case 'useBaseline':
      return project.useBaseline(call.name);
    case 'history':
      return project.history(call.budget, call.limit, call.onlyHere);
    case 'dispose':
      publisher.stop();
      projects.delete(projectId);
      return project.dispose();
    default:
      return unreachable(call);
  }
}

function failed(error: unknown): string {
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log.error(message);
  return message;
}

parentPort?.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'call': {
      const { id, project } = message;
      answer(id, project, message.call)
        .then((value) => {
          // The caller may read the snapshot as soon as it has the answer.
          projects.get(project)?.publisher.flush();
          send({ type: 'reply', id, value });
        })
        .catch((error: unknown) => send({ type: 'failed', id, message: failed(error) }));
      return;
    }
    case 'abort':
      aborts.get(message.id)?.abort();
      return;
    case 'filesChanged':
      projects.get(message.project)?.project.filesChanged(message.files, message.measuring);
      return;
    case 'cancel':
      projects.get(message.project)?.project.cancel();
      return;
    default:
      unreachable(message);
  }
});
