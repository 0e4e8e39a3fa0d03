import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import sentences from '../../package.nls.json' with { type: 'json' };
import { shownManifest } from '../manifest.js';

/** The fields that VS Code shows to users, wherever they are. Those of `inputSchema` and `modelDescription` are for models. */
const shownFields = [
  ...['title', 'category', 'description', 'displayName', 'userDescription', 'label', 'name', 'contextualTitle'],
  ...['contents', 'altText', 'markdownDescription', 'deprecationMessage', 'markdownDeprecationMessage'],
  ...['enumDescriptions', 'markdownEnumDescriptions', 'enumItemLabels'],
];

/** The user-visible texts below a node of the manifest, with where they are. */
function shownTexts(node: unknown, at = ''): readonly (readonly [at: string, text: string])[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const here = `${at}.${key}`;
    if (key === 'inputSchema') return [];
    const texts = Array.isArray(value) ? (value as unknown[]) : [value];
    const isShown = shownFields.includes(key) && texts.every((text) => typeof text === 'string');
    // The name of a tool is its id.
    if (isShown && !(key === 'name' && at.includes('.languageModelTools.')))
      return texts.map((text) => [here, text] as const);
    return shownTexts(value, here);
  });
}

const { displayName, description, capabilities, contributes } = manifest;
const texts = shownTexts({ displayName, description, capabilities, contributes });

test('every user-visible text of package.json is a key of package.nls.json, and each key is used', () => {
  expect(texts.length).toBeGreaterThan(80);
  expect(texts.filter(([, text]) => !/^%.+%$/.test(text))).toEqual([]);
  const keys = new Set(texts.map(([, text]) => text.slice(1, -1)));
  expect([...keys].sort()).toEqual(Object.keys(sentences).sort());
});

test('a text that is written into package.json itself is found', () => {
  const [first] = contributes.commands;
  const changed = { commands: [{ ...first, title: 'Cancel' }], views: { perfBudget: [{ id: 'x', name: 'Budgets' }] } };
  expect(shownTexts(changed).filter(([, text]) => !text.startsWith('%'))).toEqual([
    ['.commands.0.title', 'Cancel'],
    ['.views.perfBudget.0.name', 'Budgets'],
  ]);
});

test('nothing that VS Code shows is left as a key', () => {
  expect(JSON.stringify(shownManifest)).not.toMatch(/"%[^"]+%"/);
  expect(shownManifest.contributes.commands[0]?.title).toBe('Run Budgets for This File');
});
