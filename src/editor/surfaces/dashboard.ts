import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { FromPage, PageAction, ToPage } from '../../core/formats/reporters/page-messages.js';
import type { Past } from '../../core/formats/reporters/past.js';
import { knownOf } from '../../core/results/state.js';
import { visibleLine } from '../../core/text/escape.js';
import { canExplain } from '../commands/explain.js';
import { pickBudget } from '../commands/pick.js';
import { showCommit } from '../commands/showCommit.js';
import type { PageBudget } from '../drawing/dashboardPage.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { errorText } from '../../engine/util/log.js';
import { commands, type BudgetKey } from '../session/ids.js';
import { againstOf, type Session } from '../session/session.js';
import { rankedBudgets } from '../session/rankedBudgets.js';

const viewType = 'perfBudget.dashboard';
/** As many runs as a chart shows. */
const mostRuns = 2000;
/** The histories of so many lines are asked for at once, so that the first are there soon. */
const sparksAtOnce = 20;
/** So many lines are sent first, and so many at once afterwards: a message takes few milliseconds to make. */
const firstLines = 50;
const furtherLines = 190;
/** While budgets are measured, the page follows this often. */
const drawEveryMs = 200;

const actions: Readonly<Record<PageAction, string>> = {
  run: commands.runBudget,
  goTo: commands.goTo,
  explain: commands.explain,
};

/** Loaded when it is first needed. */
const load = () => import('../drawing/dashboardPage.js');
type Drawing = Awaited<ReturnType<typeof load>>;

/** Open Dashboard and Show History: one page, with all budgets or the history of one. */
export function dashboard(session: Session, extension: vscode.Uri): vscode.Disposable {
  let page: DashboardPanel | undefined;
  const adopt = (panel: vscode.WebviewPanel, drawing: Drawing): DashboardPanel => {
    const made = new DashboardPanel(panel, session, extension, drawing);
    panel.onDidDispose(() => {
      if (page === made) page = undefined;
      made.dispose();
    });
    page = made;
    return made;
  };
  const open = async (): Promise<DashboardPanel> => {
    const drawing = await load();
    if (page !== undefined) {
      page.reveal();
      return page;
    }
    const options = { retainContextWhenHidden: true };
    const column = vscode.ViewColumn.Active;
    return adopt(
      vscode.window.createWebviewPanel(viewType, vscode.l10n.t('Performance Budgets'), column, options),
      drawing,
    );
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand(commands.openDashboard, async () => (await open()).show(null)),
    vscode.commands.registerCommand(commands.showHistory, async (key?: BudgetKey) => {
      const asked = key ?? (await pickBudget(session, vscode.l10n.t('Show the history of a budget')));
      if (asked !== undefined) (await open()).show(asked);
    }),
    vscode.window.registerWebviewPanelSerializer(viewType, {
      deserializeWebviewPanel: async (panel) => {
        const drawing = await load();
        page?.close();
        adopt(panel, drawing);
      },
    }),
    new vscode.Disposable(() => page?.close()),
  );
}

class DashboardPanel {
  /** By the ids of their lines. */
  #budgets = new Map<string, PageBudget>();
  /** What the page has of each line, and the order of all. */
  readonly #sent = new Map<string, PageBudget>();
  /** Counts what was begun to be sent. */
  #sending = 0;
  #order: readonly string[] = [];
  /** The whole ids of the commits of the cards that were shown. */
  readonly #commits = new Map<string, Past['commits']>();
  #isReady = false;
  #isDisposed = false;
  #shown: BudgetKey | null | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #listeners: vscode.Disposable;

  constructor(
    readonly panel: vscode.WebviewPanel,
    readonly session: Session,
    extension: vscode.Uri,
    readonly drawing: Drawing,
  ) {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(extension, 'dist');
    const address = (file: string): string => webview.asWebviewUri(vscode.Uri.joinPath(dist, file)).toString();
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    this.#listeners = vscode.Disposable.from(
      webview.onDidReceiveMessage((sent: unknown) => this.#receive(sent)),
      panel.onDidChangeViewState(() => this.#draw()),
      session.onDidChange(() => this.#later()),
    );
    webview.html = drawing.dashboardPage({
      ...{ script: address('page.js'), stylesheet: address('page.css'), source: webview.cspSource },
      nonce: randomBytes(16).toString('hex'),
    });
  }

  reveal(): void {
    this.panel.reveal();
  }

  close(): void {
    this.panel.dispose();
  }

  dispose(): void {
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#listeners.dispose();
  }

  /** Shows one budget alone; null shows all. */
  show(key: BudgetKey | null): void {
    this.#shown = key;
    this.#entitle(key?.budget ?? null);
    if (!this.#isReady) return;
    this.#draw();
    this.#post({ type: 'show', id: key && this.drawing.pageId(key) });
  }

  #entitle(budget: string | null): void {
    this.panel.title = visibleLine(
      budget === null ? vscode.l10n.t('Performance Budgets') : vscode.l10n.t('History: {0}', budget),
    );
  }

  #post(message: ToPage): void {
    // What was begun before it was closed may end afterwards.
    if (!this.#isDisposed) void this.panel.webview.postMessage(message);
  }

  #receive(sent: unknown): void {
    const message = this.drawing.readPageMessage(sent);
    if (message === null) return;
    this.#answer(message).catch((error: unknown) => {
      this.session.log.error(`The dashboard failed: ${errorText(error)}`);
    });
  }

  async #answer(message: FromPage): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#sent.clear();
        this.#order = [];
        this.#draw();
        // A page that is loaded anew knows itself what it showed.
        if (this.#shown !== undefined)
          this.#post({ type: 'show', id: this.#shown && this.drawing.pageId(this.#shown) });
        return;
      case 'card':
        return this.#card(message.id);
      case 'sparks':
        return this.#sparks(message.ids);
      case 'commit': {
        const budget = this.#budgets.get(message.id);
        const whole = this.#commits.get(message.id)?.find((commit) => commit.startsWith(message.commit));
        if (budget !== undefined) await showCommit(this.session, budget.key.root, whole ?? message.commit);
        return;
      }
      case 'do': {
        const key = this.#budgets.get(message.id)?.key;
        if (key !== undefined) await vscode.commands.executeCommand(actions[message.action], key);
        return;
      }
      case 'shown': {
        const budget = message.id === null ? null : (this.#budgets.get(message.id) ?? null);
        this.#shown = budget?.key ?? null;
        this.#entitle(budget?.key.budget ?? null);
      }
    }
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, drawEveryMs);
  }

  /** Sends the lines that have changed; nothing while nobody sees it. */
  #draw(): void {
    if (!this.#isReady || this.#isDisposed || !this.panel.visible) return;
    const { projects } = this.session;
    const sorted = rankedBudgets(projects);
    const all = sorted.map(({ project, view }) => this.#budget(project, view, projects.length === 1));
    const order = all.map(({ line }) => line.id);
    this.#budgets = new Map(all.map((budget) => [budget.line.id, budget]));
    for (const id of this.#sent.keys()) if (!this.#budgets.has(id)) this.#sent.delete(id);
    const changed = all.filter((budget) => this.#sent.get(budget.line.id) !== budget);
    const isSame = order.length === this.#order.length && order.every((id, at) => id === this.#order[at]);
    if (changed.length === 0 && isSame && order.length > 0) return;
    this.#order = order;
    const tags = [...new Set(all.flatMap(({ line }) => line.tags))].sort();
    void this.#send(changed, { type: 'budgets', order, tags, ...this.drawing.pageHead(all, projects) });
  }

  /** Sends lines, first those that fill a window, and lets others work in between. What is drawn meanwhile sends the rest. */
  async #send(
    changed: readonly PageBudget[],
    head: Omit<Extract<ToPage, { type: 'budgets' }>, 'lines'>,
  ): Promise<void> {
    const sending = ++this.#sending;
    for (let at = 0, size = firstLines; at === 0 || at < changed.length; at += size, size = furtherLines) {
      const some = changed.slice(at, at + size);
      for (const budget of some) this.#sent.set(budget.line.id, budget);
      this.#post({
        ...head,
        lines: some.map((budget) => ({ id: budget.line.id, html: this.drawing.lineHtml(budget) })),
      });
      await setImmediate();
      if (sending !== this.#sending || this.#isDisposed) return;
    }
  }

  /** The same object as before while nothing about the budget has changed. */
  #budget(project: Project, view: BudgetView, isOne: boolean): PageBudget {
    const against = againstOf(project);
    const known = this.#budgets.get(this.drawing.pageId({ root: project.root, budget: view.budget.name }));
    return known?.view === view && known.line.against === against && (known.line.project === undefined) === isOne
      ? known
      : this.drawing.pageBudget(project, view, against, isOne);
  }

  async #card(id: string): Promise<void> {
    const budget = this.#budgets.get(id);
    const found = budget && this.session.find(budget.key);
    if (budget === undefined || !found) return;
    const past = await found.project.past(budget.key.budget, mostRuns);
    this.#commits.set(id, past.commits);
    // It may have changed meanwhile.
    const now = this.#budgets.get(id) ?? budget;
    const { isTrusted } = vscode.workspace;
    const isManual = now.view.budget.subject.kind === 'manual';
    this.#post(this.drawing.cardMessage(now, past, { run: isTrusted && !isManual, explain: canExplain(now.view) }));
  }

  async #sparks(ids: readonly string[]): Promise<void> {
    const all = ids.flatMap((id) => this.#budgets.get(id) ?? []).filter(({ view }) => knownOf(view.state) !== null);
    for (const project of this.session.projects) {
      const budgets = all.filter(({ key }) => key.root === project.root);
      for (let at = 0; at < budgets.length; at += sparksAtOnce) {
        const some = budgets.slice(at, at + sparksAtOnce);
        const sparks = await project.sparks(some.map(({ key }) => key.budget));
        const drawn = some.flatMap(({ line }, index) => {
          const spark = sparks[index] ?? null;
          return spark === null ? [] : [{ id: line.id, html: this.drawing.sparkPicture(spark).text }];
        });
        if (drawn.length > 0) this.#post({ type: 'sparks', sparks: drawn });
      }
    }
  }
}
