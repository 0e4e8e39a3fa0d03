import * as vscode from 'vscode';
import type { Level } from '../../core/language/budget.js';
import type { Location, Problem } from '../../core/problem.js';
import { lastResult, type BudgetState } from '../../core/results/state.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { source } from '../session/ids.js';
import type { Session } from '../session/session.js';
import { fileKey } from '../session/budgetIndex.js';
import { findingsOf } from '../session/findings.js';
import { problemSeverity, type ProblemSeverity } from '../session/settings.js';
import { configFileName } from '../../core/config/file-names.js';
import { visible, visibleLine } from '../../core/text/escape.js';
import { relatedWords } from '../../core/text/causes-table.js';
import { causeLocation } from '../session/causePlaces.js';

const severities: Readonly<Record<Level, vscode.DiagnosticSeverity>> = {
  limit: vscode.DiagnosticSeverity.Error,
  acceptable: vscode.DiagnosticSeverity.Warning,
  target: vscode.DiagnosticSeverity.Information,
};

/** The most serious that the setting lets a missed check be; `off` is no severity. */
const mostSerious: Readonly<Record<Exclude<ProblemSeverity, 'off'>, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  information: vscode.DiagnosticSeverity.Information,
};

/** A verdict that no longer holds keeps its problems this long, because most are confirmed by then, and a squiggle does not flicker. */
const patienceMs = 1000;

/** The hover and the Problems view have room for those that account for most. */
const mostCauses = 2;

/** A diagnostic before it gets its place in the current text. */
interface Item {
  readonly location: Location;
  readonly message: string;
  readonly severity: vscode.DiagnosticSeverity;
  /** The budget, its missed check if there is one, and where that is written. */
  readonly budget?: { readonly name: string; readonly check: string | null; readonly at: Location };
  /** What accounts for it. */
  readonly causes?: readonly { readonly words: string; readonly at: Location }[];
}

/** Shows missed checks on the function's name, and problems in bench files; `configProblems.ts` shows the rest. */
export function diagnostics(session: Session): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(source);
  const memory: Memory = { views: new WeakMap(), problems: new WeakMap() };
  let drawn = new Map<string, readonly Item[]>();
  let doubts: Doubts = new Map();
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    clearTimeout(timer);
    const now = performance.now();
    doubts = doubtsOf(session.projects, doubts, now);
    const byFile = new Map<string, Item[]>();
    for (const item of session.projects.flatMap((project) => itemsOf(project, memory, doubts))) {
      const key = fileKey(item.location.file);
      const items = byFile.get(key);
      if (items === undefined) byFile.set(key, [item]);
      else items.push(item);
    }
    for (const key of drawn.keys()) if (!byFile.has(key)) collection.delete(vscode.Uri.file(key));
    for (const [key, items] of byFile) {
      // Unchanged views and problems give the same items, so that only changes cross to the window.
      if (!sameItems(items, drawn.get(key)))
        collection.set(
          vscode.Uri.file(key),
          items.map((item) => toDiagnostic(item, session)),
        );
    }
    drawn = byFile;
    const next = Math.min(...[...doubts.values()].map((until) => (until > now ? until : Infinity)));
    if (Number.isFinite(next)) timer = setTimeout(draw, next - now + 1);
  };

  return vscode.Disposable.from(
    collection,
    session.onDidChange(draw),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('perfBudget.severity')) {
        memory.views = new WeakMap();
        draw();
      }
    }),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}

/** Until when the problems of each budget are shown: for ever while its verdict holds. */
type Doubts = ReadonlyMap<string, number>;

const doubtKey = ({ root }: Project, { budget }: BudgetView): string => `${root}\n${budget.name}`;

function doubtsOf(projects: readonly Project[], before: Doubts, now: number): Doubts {
  const all = projects.flatMap((project) =>
    project.snapshot.budgets.map((view): [string, number] => {
      const key = doubtKey(project, view);
      if (view.state.kind === 'known') return [key, Infinity];
      const until = before.get(key) ?? -Infinity;
      return [key, until === Infinity ? now + patienceMs : until];
    }),
  );
  return new Map(all);
}

/** The items of earlier views and problems: while these are unchanged, their items stay the same objects. */
interface Memory {
  views: WeakMap<
    BudgetState,
    { readonly view: BudgetView; readonly problems: readonly Problem[]; readonly items: readonly Item[] }
  >;
  readonly problems: WeakMap<Problem, Item>;
}

function itemsOf(project: Project, memory: Memory, doubts: Doubts): readonly Item[] {
  const { budgets, problems } = project.snapshot;
  const elsewhere = problems.filter(
    ({ isFailure, location }) => isFailure === true && !location.file.endsWith(`/${configFileName}`),
  );
  const now = performance.now();
  return [
    ...budgets.flatMap((view) => {
      if ((doubts.get(doubtKey(project, view)) ?? -Infinity) <= now) return [];
      const known = memory.views.get(view.state);
      const same =
        known?.view.budget === view.budget && known.view.code === view.code && known.view.bench === view.bench;
      if (same && known.problems === problems) return known.items;
      // A failure with a known place in a file is shown there, and only once.
      const isElsewhere = ({ budget, message }: Item): boolean =>
        budget?.check === null && problems.some((one) => message.includes(one.message));
      const items = missedItems(project, view).filter((item) => !isElsewhere(item));
      memory.views.set(view.state, { view, problems, items });
      return items;
    }),
    ...elsewhere.map((problem) => {
      const item = memory.problems.get(problem) ?? {
        ...problem,
        severity: severities[problem.warning ? 'acceptable' : 'limit'],
      };
      memory.problems.set(problem, item);
      return item;
    }),
  ];
}

function missedItems(project: Project, view: BudgetView): readonly Item[] {
  const most = problemSeverity(project.root);
  if (most === 'off') return [];
  const { budget, state } = view;
  const all = lastResult(state)?.causes ?? [];
  const causes = all.slice(0, mostCauses).flatMap((cause) => {
    const at = causeLocation(cause, project.root);
    return at === null ? [] : [{ words: relatedWords(cause, all), at }];
  });
  return findingsOf(project, view).map(({ finding: { level, check, message }, location }) => {
    const written = budget.checks.find((one) => one.text === check && one.level === level)?.location;
    return {
      location,
      message,
      severity: lessSerious(severities[level], mostSerious[most]),
      budget: { name: budget.name, check, at: written ?? budget.location },
      causes,
    };
  });
}

/** VS Code numbers the more serious lower. */
const lessSerious = (a: vscode.DiagnosticSeverity, b: vscode.DiagnosticSeverity): vscode.DiagnosticSeverity =>
  a > b ? a : b;

function sameItems(items: readonly Item[], before: readonly Item[] | undefined): boolean {
  return items.length === before?.length && items.every((item, index) => item === before[index]);
}

function toDiagnostic({ location, message, severity, budget, causes = [] }: Item, session: Session): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(session.positions.now(location), visible(message), severity);
  diagnostic.source = source;
  if (budget === undefined) return diagnostic;
  const uri = vscode.Uri.file(budget.at.file);
  const range = session.positions.now(budget.at);
  const fragment = `L${range.start.line + 1},${range.start.character + 1}`;
  diagnostic.code = { value: visibleLine(budget.name), target: uri.with({ fragment }) };
  diagnostic.relatedInformation = causes.map(({ words, at }) => related(session, words, at));
  return diagnostic;
}

function related({ positions }: Session, words: string, at: Location): vscode.DiagnosticRelatedInformation {
  const location = new vscode.Location(vscode.Uri.file(at.file), positions.now(at));
  return new vscode.DiagnosticRelatedInformation(location, visibleLine(words));
}
