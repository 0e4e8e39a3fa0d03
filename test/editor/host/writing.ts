import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from 'vscode';
import {
  commands,
  languages,
  Range,
  Uri,
  window,
  workspace,
  WorkspaceEdit,
  type CodeAction,
  type CompletionList,
  type Diagnostic,
  type TextDocument,
} from 'vscode';

// Every check begins with the files as they are on disk, so that their order does not matter.
const config = (): Promise<TextDocument> => opened('perf-budget.jsonc');
const code = (): Promise<TextDocument> => opened('src/sum.js');

async function opened(file: string): Promise<TextDocument> {
  const root = workspace.workspaceFolders?.[0]?.uri ?? Uri.file('/');
  const document = await workspace.openTextDocument(Uri.joinPath(root, file));
  await window.showTextDocument(document);
  await commands.executeCommand('workbench.action.files.revert');
  return document;
}

/** Reads until what was read is as it should be; then it is held against what it should be once more, for the message. */
async function becomes<T>(read: () => T | Promise<T>, expected: T): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 100) {
    if (JSON.stringify(await read()) === JSON.stringify(expected)) return;
    await sleep(100);
  }
  assert.deepEqual(await read(), expected);
}

/** Writes `to` in the place of the first `from`, and returns the position behind it. */
async function type(document: TextDocument, from: string, to: string): Promise<Position> {
  const at = document.getText().indexOf(from);
  assert.notEqual(at, -1, `${from} is in the file`);
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(document.positionAt(at), document.positionAt(at + from.length)), to);
  assert.equal(await workspace.applyEdit(edit), true);
  return document.positionAt(at + to.length);
}

/** Ours of what is proposed there: other extensions have snippets for any place, and theirs come behind. */
async function proposed(document: TextDocument, position: Position): Promise<string[]> {
  const list = await commands.executeCommand<CompletionList>(
    'vscode.executeCompletionItemProvider',
    document.uri,
    position,
  );
  return list.items
    .filter(({ sortText }) => sortText?.startsWith('0') === true)
    .map(({ label }) => (typeof label === 'string' ? label : label.label));
}

const ours = (document: TextDocument): Diagnostic[] =>
  languages.getDiagnostics(document.uri).filter(({ source }) => source === 'perf-budget');

const told = (document: TextDocument): string[] =>
  ours(document)
    .map(({ message }) => message)
    .sort();

/** Does what the quick fix of that problem does. */
async function fix(document: TextDocument, message: string, title: string): Promise<void> {
  const problem = ours(document).find((one) => one.message === message);
  assert.ok(problem, message);
  const actions = await commands.executeCommand<CodeAction[]>(
    'vscode.executeCodeActionProvider',
    document.uri,
    problem.range,
  );
  const action = actions.find((one) => one.title === title);
  assert.ok(action?.edit, `${title} is among ${actions.map((one) => one.title).join(', ')}`);
  assert.equal(await workspace.applyEdit(action.edit), true);
}

export async function correctsWhatIsMisspelt() {
  const document = await config();
  const name = 'There is no benchmark "sum/smal"; did you mean "sum/small"?';
  const metric = '"tiem <= 2 s": tiem is not a metric; did you mean time?';
  await becomes(() => told(document), [metric, name]);
  const before = document.getText();
  await fix(document, name, 'Change "sum/smal" to "sum/small"');
  await fix(document, metric, 'Change tiem to time');
  assert.equal(document.getText(), before.replace('smal"', 'small"').replace('tiem', 'time'));
  assert.equal(await document.save(), true);
  await becomes(() => told(document), []);
}

export async function correctsAComment() {
  const document = await code();
  const unit = '"p99 <= 2 sec": sec is not a unit; did you mean s?';
  await becomes(() => told(document), [unit]);
  await fix(document, unit, 'Change sec to s');
  assert.equal(document.lineAt(0).text, '// @perf-budget sum/large: p99 <= 2 s');
  assert.equal(await document.save(), true);
  await becomes(() => told(document), []);
}

export async function completesACheck() {
  const document = await config();
  const metric = await type(document, 'time <= 1 s', 'p9');
  assert.deepEqual(
    (await proposed(document, metric)).filter((label) => label.startsWith('p')),
    ['p50', 'p75', 'p90', 'p95', 'p99', 'p99.9'],
  );
  await type(document, '["p9"', '["p95 "');
  assert.deepEqual(await proposed(document, behind(document, '["p95 ')), ['<=', '<', '>=', '>']);
  await type(document, '["p95 "', '["p95 <= "');
  assert.deepEqual(await proposed(document, behind(document, '["p95 <= ')), [
    'baseline',
    'baseline + 10%',
    "'sum/large'",
    "'misspelt'",
  ]);
  await type(document, '["p95 <= "', '["p95 <= 10 "');
  assert.deepEqual(await proposed(document, behind(document, '["p95 <= 10 ')), ['ns', 'us', 'ms', 's', 'min', 'h']);
}

export async function completesABenchmarkAndItsCode() {
  const document = await config();
  await type(document, '"sum": { "benchmark": "sum/small"', '"sum": { "code": "", "benchmark": ""');
  assert.deepEqual(await proposed(document, behind(document, '"benchmark": "')), ['sum/small', 'sum/large']);
  assert.deepEqual(await proposed(document, behind(document, '"code": "')), ['bench', 'package.json', 'src', 'sum.ts']);
  await type(document, '"code": ""', '"code": "src/"');
  assert.deepEqual(await proposed(document, behind(document, '"code": "src/')), ['sum.js']);
  await type(document, '"code": "src/"', '"code": "src/sum.js#"');
  assert.deepEqual(await proposed(document, behind(document, '"code": "src/sum.js#')), ['sum']);
}

export async function completesAComment() {
  const document = await code();
  const at = await type(document, 'p99 <= 2 sec', 'p99 <= 2 s, target p50 <= 1 ');
  assert.deepEqual(await proposed(document, at), ['ns', 'us', 'ms', 's', 'min', 'h']);
}

/** The position behind the first occurrence of a text. */
function behind(document: TextDocument, text: string): Position {
  const at = document.getText().indexOf(text);
  assert.notEqual(at, -1, `${text} is in the file`);
  return document.positionAt(at + text.length);
}
