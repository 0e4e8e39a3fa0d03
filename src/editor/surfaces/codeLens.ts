import * as vscode from 'vscode';
import { escapeLabel } from '../../core/text/escape.js';
import { againstOf, keyOf, type Session } from '../session/session.js';
import { commands, type BenchmarkKey } from '../session/ids.js';
import { showsLenses } from '../session/settings.js';
import { fileKey, type ShownBudget } from '../session/budgetIndex.js';
import { uncovered } from '../session/uncovered.js';
import { stateTitle } from '../../core/text/title.js';
import { cutName } from '../../core/text/words.js';

/** Shows the verdict over the function, the benchmark and the budget's entry, where a click opens the actions; and what has no budget. */
export function codeLens(session: Session): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();

  const lens = ({ project, view, location }: ShownBudget, named: boolean): vscode.CodeLens => {
    const title = stateTitle(view.state, againstOf(project));
    return new vscode.CodeLens(session.positions.now(location), {
      title: escapeLabel(named ? `${cutName(view.budget.name)}: ${title}` : title),
      tooltip: escapeLabel(vscode.l10n.t('{0}: show actions', view.budget.name)),
      command: commands.showActions,
      arguments: [keyOf(project, view)],
    });
  };

  const additions = (document: vscode.TextDocument): readonly vscode.CodeLens[] =>
    document.uri.scheme !== 'file'
      ? []
      : session.projects.flatMap((project) =>
          uncovered(project, fileKey(document.uri.fsPath)).flatMap(({ name, file, location }) => {
            if (location === null) return [];
            const key: BenchmarkKey = { root: project.root, name, file };
            const command = { title: vscode.l10n.t('+ Add budget'), command: commands.addBudget, arguments: [key] };
            return [new vscode.CodeLens(session.positions.now(location), command)];
          }),
        );

  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses(document) {
      if (!showsLenses(document)) return [];
      const shown = session.shownIn(document).filter((each) => !isComment(each));
      const onLine = new Map<number, number>();
      for (const { location } of shown) onLine.set(location.start.line, (onLine.get(location.start.line) ?? 0) + 1);
      const lenses = shown.map((each) => lens(each, (onLine.get(each.location.start.line) ?? 0) > 1));
      return [...lenses, ...additions(document)];
    },
  };

  return vscode.Disposable.from(
    changed,
    session.onDidChange(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('perfBudget.codeLens')) changed.fire();
    }),
    vscode.languages.registerCodeLensProvider({ scheme: 'file' }, provider),
  );
}

/** A comment in the code is right above its function, which shows the verdict. */
const isComment = ({ place, location, view: { code, also } }: ShownBudget): boolean =>
  place === 'entry' && [code, ...also].some((one) => one?.file === location.file);
