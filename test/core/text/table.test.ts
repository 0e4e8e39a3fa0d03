import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { globSync } from 'tinyglobby';
import typescript from 'typescript';
import { expect, test } from 'vitest';
import table from '../../../media/l10n/bundle.l10n.json' with { type: 'json' };

const src = path.resolve(import.meta.dirname, '../../../src');
const sources = await Promise.all(
  globSync('**/*.ts', { cwd: src }).map(async (file) => ({
    file,
    contents: await readFile(path.join(src, file), 'utf8'),
  })),
);

interface Said {
  readonly file: string;
  /** What the table is asked for; null for what is only known when it runs. */
  readonly key: string | null;
  /** Whether it is looked up as the file is loaded. */
  readonly isEarly: boolean;
}

/** Every look-up in a file, as the compiler reads it. */
function saidIn({ file, contents }: { readonly file: string; readonly contents: string }): readonly Said[] {
  const found: Said[] = [];
  const visit = (node: typescript.Node, isEarly: boolean): void => {
    const call = typescript.isTaggedTemplateExpression(node)
      ? { of: node.tag, text: node.template }
      : typescript.isCallExpression(node)
        ? { of: node.expression, text: node.arguments[0] }
        : null;
    if (call !== null && /^(?:vscode\.)?l10n\.t$/.test(call.of.getText()))
      found.push({ file, key: keyOf(call.text), isEarly });
    typescript.forEachChild(node, (child) => visit(child, isEarly && !typescript.isFunctionLike(node)));
  };
  visit(typescript.createSourceFile(file, contents, typescript.ScriptTarget.Latest, true), true);
  return found;
}

function keyOf(text: typescript.Node | undefined): string | null {
  if (text === undefined) return null;
  if (typescript.isStringLiteralLike(text)) return text.text;
  if (!typescript.isTemplateExpression(text)) return null;
  return text.head.text + text.templateSpans.map(({ literal }, at) => `{${at}}${literal.text}`).join('');
}

const said = sources.flatMap(saidIn);

test('the table has what the sources look up, and nothing else: after a change, npm run l10n writes it anew', () => {
  const keys = new Set(said.map(({ key }) => key ?? ''));
  expect(keys.size).toBeGreaterThan(500);
  expect(said.filter(({ key }) => key === null)).toEqual([]);
  expect([...keys].sort()).toEqual(Object.keys(table).sort());
  expect(Object.entries(table).filter(([key, sentence]) => key !== sentence)).toEqual([]);
});

test('only the editor, whose table is there before it, looks up as a file is loaded', () => {
  expect(said.filter(({ file, isEarly }) => isEarly && !file.startsWith('editor/'))).toEqual([]);
  const early = "const words = { pass: l10n.t('passed') }; const late = () => l10n.t`${words.pass} late`;";
  expect(saidIn({ file: 'core/text/words.ts', contents: early })).toEqual([
    { file: 'core/text/words.ts', key: 'passed', isEarly: true },
    { file: 'core/text/words.ts', key: '{0} late', isEarly: false },
  ]);
});

test('no sentence begins or ends in a space: one that is joined to another needs its place', () => {
  expect(Object.keys(table).filter((key) => key !== key.trim())).toEqual([]);
});
