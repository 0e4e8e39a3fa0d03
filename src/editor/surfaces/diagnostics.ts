import path from 'node:path';
import * as vscode from 'vscode';
import type { Level } from '../../core/language/budget.js';
import type { Location, Problem } from '../../core/problem.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { lastResult, type BudgetState } from '../../core/results/state.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import { slashed } from '../../engine/util/paths.js';
import { source } from '../session/ids.js';
import { againstOf, type Session } from '../session/session.js';
import { fileKey } from '../session/budgetIndex.js';
import { configFileName } from '../../core/config/file-names.js';
import { visible, visibleLine } from '../../core/text/escape.js';
import { findings } from '../../core/text/finding.js';
import { relatedWords } from '../../core/text/causes-table.js';
import { causeLocation } from '../session/causePlaces.js';

const severities: Readonly<Record<Level, vscode.DiagnosticSeverity>> = {
  limit: vscode.DiagnosticSeverity.Error,
  acceptable: vscode.DiagnosticSeverity.Warning,
  target: vscode.DiagnosticSeverity.Information,
};

/** A diagnostic before it gets its place in the current text. */
interface Item {
  readonly location: Location;
  readonly message: string;
  readonly severity: vscode.DiagnosticSeverity;
  /** The budget, its missed check, and where that is written. */
  readonly budget?: { readonly name: string; readonly related: string; readonly at: Location };
  /** What accounts for it. */
  readonly causes?: readonly { readonly words: string; readonly at: Location }[];
}

/** Shows missed checks on the function's name, and problems in bench files; `configProblems.ts` shows the rest. */
export function diagnostics(session: Session): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection(source);
  const memory: Memory = { views: new WeakMap(), problems: new WeakMap() };
  let drawn = new Map<string, readonly Item[]>();

  const draw = (): void => {
    const byFile = new Map<string, Item[]>();
    for (const item of session.projects.flatMap((project) => itemsOf(project, memory))) {
      const key = fileKey(item.location.file);
      byFile.set(key, [...(byFile.get(key) ?? []), item]);
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
  };

  return vscode.Disposable.from(collection, session.onDidChange(draw));
}

/** The items of earlier views and problems: while these are unchanged, their items stay the same objects. */
interface Memory {
  readonly views: WeakMap<BudgetState, { readonly view: BudgetView; readonly items: readonly Item[] }>;
  readonly problems: WeakMap<Problem, Item>;
}

function itemsOf(project: Project, memory: Memory): readonly Item[] {
  const { budgets, problems } = project.snapshot;
  const elsewhere = problems.filter(
    ({ isFailure, location }) => isFailure === true && !location.file.endsWith(`/${configFileName}`),
  );
  return [
    ...budgets.flatMap((view) => {
      const known = memory.views.get(view.state);
      const same =
        known?.view.budget === view.budget && known.view.code === view.code && known.view.bench === view.bench;
      const items = same ? known.items : missedItems(view, againstOf(project), project.root);
      if (!same) memory.views.set(view.state, { view, items });
      // A failure with a known place in a file is shown there, and only once.
      return items.filter(
        ({ budget, message }) => budget?.related !== '' || !problems.some((one) => message.includes(one.message)),
      );
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

function missedItems({ budget, state, code, bench }: BudgetView, against: string, root: string): readonly Item[] {
  const result = lastResult(state);
  if (result === null) return [];
  const subject = budget.code?.symbol ?? budget.name;
  const thrown = result.failure === undefined ? null : locationOf(root, result.failure);
  const all = result.causes ?? [];
  const causes = all.flatMap((cause) => {
    const at = causeLocation(cause, root);
    return at === null ? [] : [{ words: relatedWords(cause, all), at }];
  });
  return findings(subject, result, against).map(({ level, check, message, concern }) => {
    const written = budget.checks.find((one) => one.text === check && one.level === level)?.location;
    const place = check === null && concern === undefined ? (thrown ?? bench ?? code) : (code ?? bench);
    return {
      location: place ?? budget.location,
      message,
      severity: severities[level],
      budget: { name: budget.name, related: check ?? '', at: written ?? budget.location },
      causes,
    };
  });
}

/** The place where a benchmark failed; VS Code widens it to the word there. */
function locationOf(root: string, { file, line, column }: NonNullable<BudgetResult['failure']>): Location {
  const start = { line, column };
  return { file: slashed(path.resolve(root, file)), start, end: start };
}

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
  diagnostic.relatedInformation = [
    ...causes.map(({ words, at }) => related(session, words, at)),
    related(
      session,
      budget.related === '' ? `The budget "${budget.name}"` : `${budget.name}: ${budget.related}`,
      budget.at,
    ),
  ];
  return diagnostic;
}

function related({ positions }: Session, words: string, at: Location): vscode.DiagnosticRelatedInformation {
  const location = new vscode.Location(vscode.Uri.file(at.file), positions.now(at));
  return new vscode.DiagnosticRelatedInformation(location, visibleLine(words));
}
