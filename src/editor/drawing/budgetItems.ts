import { unreachable } from '../../core/result.js';
import path from 'node:path';
import * as vscode from 'vscode';
import { subjectText } from '../../core/language/budget.js';
import { formatChange } from '../../core/language/figures.js';
import type { CheckResult, Verdict } from '../../core/results/measurement.js';
import { knownOf, lastResult, type BudgetState } from '../../core/results/state.js';
import { leadingCheck } from '../../core/text/check.js';
import { visibleLine } from '../../core/text/escape.js';
import { figure, isSameCode, measuredBesideBound } from '../../core/text/figures.js';
import { checksTable, markdown, paragraphs } from '../../core/text/markdown.js';
import { headline, stateTitle } from '../../core/text/title.js';
import { ago, joined } from '../../core/text/words.js';
import { commands } from '../session/ids.js';
import { againstOf, keyOf } from '../session/session.js';
import type { Ranked } from '../session/rankedBudgets.js';
import { markdownString } from './markdown-string.js';
import { stateIcon, verdictIcon } from './verdictIcon.js';
import type { Project } from '../../engine/project/snapshot.js';

/** What the view Budgets shows of a project, a budget, and what belongs to it. */

/** Below a budget: a check, a part of a sum, or the benchmark. */
export interface Detail {
  readonly kind: 'detail';
  readonly of: Ranked;
  readonly label: string;
  readonly description: string;
  readonly icon: vscode.ThemeIcon;
  readonly site: 'entry' | 'bench';
  readonly id: string;
}

const idOf = ({ project, view }: Ranked): string => `${project.root}\0${view.budget.name}`;

export function projectItem(project: Project, worst: Verdict | null): vscode.TreeItem {
  const item = new vscode.TreeItem(visibleLine(path.basename(project.root)), vscode.TreeItemCollapsibleState.Expanded);
  item.id = project.root;
  item.contextValue = 'project';
  item.iconPath = worst === null ? new vscode.ThemeIcon('root-folder') : verdictIcon(worst);
  item.tooltip = visibleLine(project.root);
  return item;
}

export function budgetItem(of: Ranked): vscode.TreeItem {
  const { project, view } = of;
  const { budget, state } = view;
  const item = new vscode.TreeItem(visibleLine(budget.name), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = idOf(of);
  item.contextValue = lastResult(state)?.comparison ? 'budget compared' : 'budget';
  item.iconPath = stateIcon(state);
  item.description = visibleLine(descriptionOf(state, againstOf(project)));
  item.accessibilityInformation = { label: visibleLine(`${budget.name}: ${stateTitle(state, againstOf(project))}`) };
  item.command = { title: vscode.l10n.t('Go to Code'), command: commands.goTo, arguments: [keyOf(project, view)] };
  return item;
}

/** Whether figures are of other code or of a run that goes on. */
function stateWord({ kind }: BudgetState): string | null {
  switch (kind) {
    case 'known':
      return null;
    case 'unmeasured':
      return vscode.l10n.t('unmeasured');
    case 'measuring':
      return vscode.l10n.t('measuring');
    case 'stale':
      return vscode.l10n.t('stale');
    default:
      return unreachable(kind);
  }
}

/** `1.24 ms of 2 ms · −3%`; before it, that it is measured or stale. */
function descriptionOf(state: BudgetState, against: string): string {
  const result = lastResult(state);
  if (result === null) return stateTitle(state, against);
  const lead = leadingCheck(result);
  const figures = (lead && measuredBesideBound(lead)) ?? headline(result, against);
  const { comparison } = result;
  const change =
    comparison === null || isSameCode(result) || result.verdict === 'error'
      ? null
      : formatChange(comparison.ratio, comparison);
  return joined(stateWord(state), figures, change);
}

/** Made when it is wanted, because there may be thousands. */
export function budgetTooltip({ project, view: { budget, state } }: Ranked): vscode.MarkdownString {
  const known = knownOf(state);
  return markdownString(
    paragraphs([
      markdown`**${budget.name}**`,
      markdown`${stateTitle(state, againstOf(project))}`,
      ...(known === null
        ? []
        : [
            checksTable([{ name: budget.name, checks: known.result.checks, isCurrent: state.kind === 'known' }]),
            markdown`${ago(known.at, Date.now())}`,
          ]),
      ...(budget.tags === undefined ? [] : [markdown`${budget.tags.map((tag) => `#${tag}`).join(' ')}`]),
    ]),
  );
}

/** The checks of a budget, the parts of a sum, and the benchmark. */
export function childrenOf(of: Ranked): readonly Detail[] {
  const { budget, state, bench } = of.view;
  const result = lastResult(state);
  const id = (kind: string, at: number): string => `${idOf(of)}\0${kind}\0${at}`;
  const checks = (result?.checks ?? []).map((check, at): Detail => ({
    ...{ kind: 'detail', of, site: 'entry', id: id('check', at), label: check.check },
    description: joined(checkWords(check), check.level, check.benchmark),
    icon: verdictIcon(check.verdict, state.kind !== 'known'),
  }));
  // What was not measured yet has its checks in the file alone.
  const written = budget.checks.map((check, at): Detail => ({
    ...{ kind: 'detail', of, site: 'entry', id: id('check', at), label: check.text },
    description: check.level,
    icon: new vscode.ThemeIcon('circle-outline'),
  }));
  const parts = (result?.parts ?? []).map(({ name, value, unit }, at): Detail => ({
    ...{ kind: 'detail', of, site: 'entry', id: id('part', at), label: name, description: figure(value, unit) },
    icon: new vscode.ThemeIcon('symbol-event'),
  }));
  const subject = subjectText(budget);
  const benchmark: Detail = {
    ...{
      kind: 'detail',
      of,
      site: 'bench',
      id: id('benchmark', 0),
      label: subject,
      description: vscode.l10n.t('benchmark'),
    },
    icon: new vscode.ThemeIcon('beaker'),
  };
  return [
    ...(checks.length > 0 ? checks : written),
    ...parts,
    ...(bench === null || budget.subject.kind !== 'benchmark' ? [] : [benchmark]),
  ];
}

const checkWords = (check: CheckResult): string => measuredBesideBound(check) ?? check.note ?? '';

export function detailItem({ of, label, description, icon, site, id }: Detail): vscode.TreeItem {
  const item = new vscode.TreeItem(visibleLine(label));
  item.id = id;
  item.description = visibleLine(description);
  item.iconPath = icon;
  item.tooltip = visibleLine(joined(label, description));
  item.accessibilityInformation = { label: visibleLine(joined(label, description)) };
  item.contextValue = 'detail';
  item.command = {
    title: vscode.l10n.t('Open'),
    command: commands.goTo,
    arguments: [keyOf(of.project, of.view), site],
  };
  return item;
}
