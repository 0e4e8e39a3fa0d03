import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as vscode from 'vscode';
import type { Location } from '../../core/problem.js';
import type { BudgetResult } from '../../core/results/measurement.js';
import { unreachable } from '../../core/result.js';
import { readCheck } from '../../core/text/check.js';
import { visible, visibleLine } from '../../core/text/escape.js';
import { figuresOf } from '../../core/text/figures.js';
import { findings } from '../../core/text/finding.js';
import { slashed } from '../../engine/util/paths.js';
import type { BudgetView, Project } from '../../engine/project/snapshot.js';
import type { DocumentPositions } from '../session/documentPositions.js';
import { againstOf } from '../session/session.js';

/** Returns what a budget missed, most serious first: a message for each, with its check, what it asks and what was measured. */
export function missedMessages(
  project: Project,
  { budget }: BudgetView,
  result: BudgetResult,
  positions: DocumentPositions,
): readonly vscode.TestMessage[] {
  const subject = budget.code?.symbol ?? budget.name;
  return findings(subject, result, againstOf(project)).map(({ check, level, message }) => {
    const written = result.checks.find((one) => one.check === check && one.level === level);
    const figures = written === undefined ? null : figuresOf(written);
    const words = check === null ? message : `${message}\n${level}: ${check}`;
    const made = new vscode.TestMessage(visible(words));
    // The function has the verdict and the squiggle already: what VS Code writes beside a failed test stands at the check.
    const at = budget.checks.find((one) => one.text === check && one.level === level)?.location;
    made.location = locationIn(at ?? budget.location, positions);
    if (figures !== null) {
      made.expectedOutput = visibleLine(askedWords(check ?? '', figures.bound));
      made.actualOutput = visibleLine(figures.measured);
    }
    return made;
  });
}

/** Returns why a budget's benchmark could not be measured: what it threw, with the stack, at the place where it did. */
export function errorMessage(
  project: Project,
  { budget, code, bench }: BudgetView,
  result: BudgetResult,
  positions: DocumentPositions,
): vscode.TestMessage {
  const { failure } = result;
  const [finding] = findings(budget.code?.symbol ?? budget.name, result, againstOf(project));
  const message = finding?.message ?? result.message;
  const stack = failure?.stack ?? '';
  const made = new vscode.TestMessage(visible(stack === '' ? message : `${message}\n\n${stack}`));
  const thrown = failure && {
    file: slashed(path.resolve(project.root, failure.file)),
    start: { line: failure.line, column: failure.column },
    end: { line: failure.line, column: failure.column },
  };
  made.location = locationIn(thrown ?? bench ?? code ?? budget.location, positions);
  const frames = framesOf(stack);
  if (frames.length > 0) made.stackTrace = [...frames];
  return made;
}

function locationIn(location: Location, positions: DocumentPositions): vscode.Location {
  return new vscode.Location(vscode.Uri.file(location.file), positions.now(location));
}

/** Returns what a check asks as VS Code shows it, after what was measured: `1 ns or less`. */
function askedWords(check: string, bound: string): string {
  const relation = readCheck({ check })?.relation ?? '=';
  switch (relation) {
    case '<':
      return vscode.l10n.t('less than {0}', bound);
    case '<=':
      return vscode.l10n.t('{0} or less', bound);
    case '>':
      return vscode.l10n.t('more than {0}', bound);
    case '>=':
      return vscode.l10n.t('{0} or more', bound);
    case '=':
      return bound;
    default:
      return unreachable(relation);
  }
}

/** Reads the frames of a stack, as V8 writes it, that are in files. Code may have written anything into it. */
function framesOf(stack: string): readonly vscode.TestMessageStackFrame[] {
  const lines = stack.matchAll(/^ +at (?:(.+?) \()?((?:file:|\/|[A-Za-z]:[\\/]).+?):(\d+):(\d+)\)?$/gm);
  return Array.from(lines).flatMap(([, name, file = '', line, column]) => {
    const place = pathOf(file);
    if (place === null) return [];
    const position = new vscode.Position(Math.max(0, Number(line) - 1), Math.max(0, Number(column) - 1));
    return [new vscode.TestMessageStackFrame(visibleLine(name ?? ''), vscode.Uri.file(place), position)];
  });
}

/** Returns the path of a path or an address; null for an address of another machine, or of none. */
function pathOf(file: string): string | null {
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : file;
  } catch {
    return null;
  }
}
