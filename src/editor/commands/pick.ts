import path from 'node:path';
import * as vscode from 'vscode';
import type { BudgetState } from '../../core/results/state.js';
import type { Project } from '../../engine/project/snapshot.js';
import { verdictIcon } from '../drawing/verdictIcon.js';
import { choose, type Choice } from '../session/dialogs.js';
import { type BudgetKey } from '../session/ids.js';
import { againstOf, keyOf, type Session } from '../session/session.js';
import { configFileName } from '../../core/config/file-names.js';
import { stateTitle } from '../../core/text/title.js';
import { rankedBudgets } from '../session/rankedBudgets.js';

interface BudgetItem extends Choice {
  readonly key: BudgetKey;
}

/** Returns the project of the active file, or the only project; if there are several, the one that the user picks. */
export async function pickProject(session: Session, placeHolder: string): Promise<Project | undefined> {
  const near = session.projectOf(vscode.window.activeTextEditor?.document.uri);
  if (near !== null) return near;
  const items = session.projects.map((project) => ({
    label: vscode.workspace.asRelativePath(path.join(project.root, configFileName)),
    project,
  }));
  return (await choose(items, { placeHolder }))?.project;
}

/** Asks for one budget, the worst first; undefined if the user picks none. */
export async function pickBudget(session: Session, placeHolder: string): Promise<BudgetKey | undefined> {
  const several = session.projects.length > 1;
  const items = rankedBudgets(session.projects).map(({ project, view }): BudgetItem => ({
    icon: icon(view.state),
    label: view.budget.name,
    description: stateTitle(view.state, againstOf(project)),
    ...(several ? { detail: vscode.workspace.asRelativePath(project.root) } : {}),
    key: keyOf(project, view),
  }));
  return (await choose(items, { placeHolder, matchOnDescription: true, matchOnDetail: true }))?.key;
}

function icon(state: BudgetState): string {
  switch (state.kind) {
    case 'known':
      return verdictIcon(state.known.result.verdict).id;
    case 'measuring':
      return 'sync~spin';
    case 'stale':
      return 'history';
    case 'unmeasured':
      return 'circle-outline';
  }
}
