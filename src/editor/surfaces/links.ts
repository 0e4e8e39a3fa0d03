import * as vscode from 'vscode';
import type { Budget } from '../../core/language/budget.js';
import { means, mentions, type Mention } from '../../core/config/mentions.js';
import type { Location } from '../../core/problem.js';
import { relativeTo } from '../../engine/util/paths.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import type { Session } from '../session/session.js';
import { fileKey, locationsOf } from '../session/budgetIndex.js';
import { rangeOf, budgetsIn, isConfig } from '../session/documentBudgets.js';

/** Links a budget's name to its code, what it names to that, and benchmarks and functions back to the budgets. */
export function links(session: Session): vscode.Disposable {
  const at = (location: Location): vscode.Location =>
    new vscode.Location(vscode.Uri.file(location.file), session.positions.now(location));

  const definition: vscode.DefinitionProvider = {
    async provideDefinition(document, position) {
      const written = await budgetsIn(session, document);
      const isAt = ({ location }: { location: Location }): boolean => rangeOf(location).contains(position);
      for (const budget of written?.budgets ?? []) {
        // A comment is right above its function.
        if (written !== null && isConfig(document) && isAt(budget)) {
          const view = written.project.snapshot.budgets.find((one) => one.budget.name === budget.name);
          return linked(rangeOf(budget.location), view === undefined ? [] : sitesOf(view).map(at));
        }
        const mention = mentions(budget).find(isAt);
        if (written !== null && mention !== undefined) {
          return linked(rangeOf(mention.location), definitionsOf(written.project, mention).map(at));
        }
        if (written !== null && budget.code !== null && isAt(budget.code)) {
          const { code } = budget;
          const shown = written.project.snapshot.budgets.find(
            (view) => view.budget.code?.file === code.file && view.budget.code.symbol === code.symbol,
          );
          const place = shown?.code ?? null;
          return place === null ? [] : linked(rangeOf(code.location), [at(place)]);
        }
      }
      return [];
    },
  };

  const references: vscode.ReferenceProvider = {
    provideReferences(document, position) {
      const key = fileKey(document.uri.fsPath);
      const isHere = (location: Location | null): boolean =>
        location !== null && fileKey(location.file) === key && session.positions.now(location).contains(position);
      return session.projects.flatMap((project) => {
        const { budgets, benchmarks } = project.snapshot;
        const about = budgets.find(({ budget }) => isConfig(document) && isHere(budget.location));
        const mentioned = about?.budget.name ?? budgetMentioned(budgets, isHere);
        if (mentioned !== null) {
          const all = budgets.flatMap((view) => [
            ...mentions(view.budget).flatMap((one) => (one.isEither && one.name === mentioned ? [one.location] : [])),
            ...(view.budget.name !== mentioned ? [] : [view.budget.location, ...sitesOf(view)]),
          ]);
          return all.map(at);
        }
        const named = (benchmarks ?? []).find(({ location }) => isHere(location));
        const one = named && { name: named.name, file: relativeTo(project.root, named.file) };
        const ofBenchmark = one === undefined ? [] : budgets.flatMap(({ budget }) => mentionsOf(budget, one));
        const ofCode = budgets.flatMap(({ budget, code, also }) =>
          [code, ...also].some(isHere) ? [budget.code?.location ?? budget.location] : [],
        );
        return [...new Set([...ofBenchmark, ...(named === undefined ? ofCode : [])])].map(at);
      });
    },
  };

  return vscode.Disposable.from(
    vscode.languages.registerDefinitionProvider({ scheme: 'file' }, definition),
    vscode.languages.registerReferenceProvider({ scheme: 'file' }, references),
  );
}

/** Where a budget is shown in code. */
const sitesOf = (view: BudgetView): readonly Location[] =>
  locationsOf(view).flatMap(({ place, location }) => (place === 'entry' ? [] : [location]));

/** Returns the budget that a name in a sum or a bound means; null if it means none. */
function budgetMentioned(budgets: readonly BudgetView[], isHere: (location: Location) => boolean): string | null {
  const mention = budgets
    .flatMap(({ budget }) => mentions(budget))
    .find(({ isEither, location }) => isEither && isHere(location));
  return budgets.some(({ budget }) => budget.name === mention?.name) ? (mention?.name ?? null) : null;
}

const mentionsOf = (budget: Budget, benchmark: { name: string; file: string }): readonly Location[] =>
  mentions(budget).flatMap(({ name, location }) => (means(name, benchmark) ? [location] : []));

/** A budget of that name takes precedence over a benchmark, as it does in a run. */
function definitionsOf({ root, snapshot }: Project, { name, isEither }: Mention): readonly Location[] {
  const budget = isEither ? snapshot.budgets.find((view) => view.budget.name === name) : undefined;
  if (budget !== undefined) return [budget.budget.location];
  return (snapshot.benchmarks ?? []).flatMap((one) => {
    const benchmark = { name: one.name, file: relativeTo(root, one.file) };
    return one.location !== null && means(name, benchmark) ? [one.location] : [];
  });
}

/** Makes the whole text the link, not just the word under the pointer. */
function linked(originSelectionRange: vscode.Range, places: readonly vscode.Location[]): vscode.LocationLink[] {
  return places.map(({ uri, range }) => ({ originSelectionRange, targetUri: uri, targetRange: range }));
}
