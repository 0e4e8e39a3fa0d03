/** The thread in which an editor's projects live, so that their work never blocks the editor. */
import process from 'node:process';
import { parentPort, workerData } from 'node:worker_threads';
import { unreachable } from '../../core/result.js';
import { useTable } from '../../core/text/table.js';
import { errorText, type Log } from '../util/log.js';
import { createProject } from '../project/open.js';
import type { OpenProject } from '../project/project.js';
import type { Call, EngineData, FromEngine, OpenCall, SnapshotPatch, ToEngine } from './protocol.js';
import { emptySnapshot, type BudgetView, type Project, type Snapshot } from '../project/snapshot.js';

useTable((workerData as EngineData | null)?.table);

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
  #started = false;
  #stopped = false;

  constructor(
    readonly id: number,
    readonly project: Project,
  ) {
    project.onDidChange(() => this.#changed());
  }

  start(): void {
    this.#started = true;
    this.#changed();
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
    if (snapshot === this.#sent || !this.#started) return;
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

/** By id, from when they are being opened: what is asked of them meanwhile waits. */
const projects = new Map<number, Promise<OpenProject>>();
const publishers = new Map<number, Publisher>();
const aborts = new Map<number, AbortController>();

async function open(id: number, { configFile, options, again }: OpenCall): Promise<OpenProject> {
  const project = await createProject(configFile, { ...options, log, measuresWhenIdle: true });
  const publisher = new Publisher(id, project);
  publishers.set(id, publisher);
  const reading = project.reload().catch(failed);
  // Show the budgets before their bench files are read, unless there is more to see already.
  if (again) void reading.then(() => publisher.start());
  else publisher.start();
  return project;
}

async function answer(
  projectId: number,
  call: Call,
  signal: AbortSignal,
  onProgress: (progress: unknown) => void,
): Promise<unknown> {
  if (call.method === 'open') {
    const opening = open(projectId, call);
    projects.set(projectId, opening);
    return (await opening).root;
  }
  const project = await projects.get(projectId);
  // It is closed already.
  if (project === undefined && call.method === 'dispose') return null;
  if (project === undefined) throw new Error(`There is no project ${projectId}.`);
  switch (call.method) {
    case 'reload':
      return project.reload(call.measuring);
    case 'run':
      return project.run(call.request, signal);
    case 'capture':
      return project.capture(call.request, signal);
    case 'cannotCapture':
      return project.cannotCapture();
    case 'baselines':
      return project.baselines();
    case 'useBaseline':
      return project.useBaseline(call.name);
    case 'deleteBaseline':
      return project.deleteBaseline(call.name);
    case 'baselineNameProblem':
      return project.baselineNameProblem(call.name);
    case 'history':
      return project.history(call.budget, call.limit, call.onlyHere);
    case 'check':
      return project.check(call.file, call.text);
    case 'reaching':
      return project.reaching(call.file, call.symbol);
    case 'changes':
      return project.changes(call.budget);
    case 'oldText':
      return project.oldText(call.commit, call.file);
    case 'past':
      return project.past(call.budget, call.limit);
    case 'sparks':
      return project.sparks(call.budgets);
    case 'explain':
      return project.explain(call.request, onProgress, signal);
    case 'bisect':
      return project.bisect(call.request, onProgress, signal);
    case 'debugTargets':
      return project.debugTargets(call.budget);
    case 'profile':
      return project.profile(call.request, signal);
    case 'filesChanged':
      project.filesChanged(call.files, call.measuring);
      return project.settled();
    case 'dispose':
      publishers.get(projectId)?.stop();
      publishers.delete(projectId);
      projects.delete(projectId);
      return project.dispose();
    default:
      return unreachable(call);
  }
}

function failed(error: unknown): string {
  const message = errorText(error);
  log.error(message);
  return message;
}

// What nobody awaits is one project's fault, and the others' work goes on. After an exception that nobody caught, nothing is
// certain: it ends this thread, and the editor starts another.
process.on('unhandledRejection', failed);

parentPort?.on('message', (message: ToEngine) => {
  switch (message.type) {
    case 'call': {
      const { id, project } = message;
      const controller = new AbortController();
      aborts.set(id, controller);
      answer(project, message.call, controller.signal, (progress) => send({ type: 'progress', id, progress }))
        .then((value) => {
          // The caller may read the snapshot as soon as it has the answer.
          publishers.get(project)?.flush();
          send({ type: 'reply', id, value });
        })
        .catch((error: unknown) => send({ type: 'failed', id, message: failed(error) }))
        .finally(() => aborts.delete(id));
      return;
    }
    case 'abort':
      aborts.get(message.id)?.abort();
      return;
    case 'cancel':
      projects
        .get(message.project)
        ?.then((project) => project.cancel())
        .catch(() => undefined);
      return;
    default:
      unreachable(message);
  }
});
