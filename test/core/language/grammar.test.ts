import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';
import { beforeAll, describe, expect, it } from 'vitest';
import manifest from '../../../package.json' with { type: 'json' };

const require = createRequire(import.meta.url);
const root = path.resolve(import.meta.dirname, '../../..');

/** VS Code's own grammars of the languages that ours are injected into. */
const languages: Readonly<Record<string, string>> = {
  'source.json.comments': 'jsonc',
  'source.ts': 'typescript',
  'source.python': 'python',
  'source.lua': 'lua',
  'source.sql': 'sql',
};

const ours = manifest.contributes.grammars;
let registry: textmate.Registry;

beforeAll(async () => {
  const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length));
  registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (sources) => new oniguruma.OnigScanner(sources),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: (scope) => {
      const own = ours.find(({ scopeName }) => scopeName === scope);
      const language = languages[scope];
      const file =
        own !== undefined
          ? path.join(root, own.path)
          : language !== undefined
            ? require.resolve(`tm-grammars/grammars/${language}.json`)
            : null;
      return Promise.resolve(file === null ? null : textmate.parseRawGrammar(readFileSync(file, 'utf8'), file));
    },
    getInjections: (scope) =>
      ours.filter((grammar) => grammar.injectTo?.includes(scope) === true).map(({ scopeName }) => scopeName),
  });
});

/** What is coloured as ours: each piece with the first word of its scope. */
async function coloured(language: string, text: string): Promise<readonly string[]> {
  const grammar: IGrammar | null = await registry.loadGrammar(language);
  if (grammar === null) throw new Error(`no grammar of ${language}`);
  let state = textmate.INITIAL;
  return text.split('\n').flatMap((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    return tokens.flatMap(({ startIndex, endIndex, scopes }) => {
      const scope = scopes.at(-1) ?? '';
      const piece = line.slice(startIndex, endIndex);
      if (!scope.endsWith('.perf-budget') || scope.startsWith('meta.')) return [];
      return [`${piece} ${scope.replace('.perf-budget', '')}`];
    });
  });
}

const metric = 'support.variable.metric';
const relation = 'keyword.operator.relational';
const number = 'constant.numeric';
const unit = 'keyword.other.unit';
const baseline = 'constant.language.baseline';
const arithmetic = 'keyword.operator.arithmetic';

describe('a check in perf-budget.jsonc', () => {
  it.each([
    ['p95 <= 8.2 us', [`p95 ${metric}`, `<= ${relation}`, `8.2 ${number}`, `us ${unit}`]],
    ['throughput>=600k ops/s', [`throughput ${metric}`, `>= ${relation}`, `600k ${number}`, `ops/s ${unit}`]],
    ['throughput > 10,000 lines/s', [`throughput ${metric}`, `> ${relation}`, `10,000 ${number}`, `lines/s ${unit}`]],
    ['retained <= 36 KiB', [`retained ${metric}`, `<= ${relation}`, `36 ${number}`, `KiB ${unit}`]],
    [
      'p99.9 < baseline + 20%',
      [`p99.9 ${metric}`, `< ${relation}`, `baseline ${baseline}`, `+ ${arithmetic}`, `20 ${number}`, `% ${unit}`],
    ],
    [
      'time <= baseline * 3',
      [`time ${metric}`, `<= ${relation}`, `baseline ${baseline}`, `* ${arithmetic}`, `3 ${number}`],
    ],
    [
      "time <= 'scan/elixir' / 5",
      [
        `time ${metric}`,
        `<= ${relation}`,
        "'scan/elixir' string.quoted.single.reference",
        `/ ${arithmetic}`,
        `5 ${number}`,
      ],
    ],
    [
      'time <= O(n log n)',
      [
        `time ${metric}`,
        `<= ${relation}`,
        'O support.function.growth',
        '( punctuation.definition.parameters.begin',
        'n log n variable.parameter.growth',
        ') punctuation.definition.parameters.end',
      ],
    ],
    ['lost messages = 0', [`lost messages ${metric}`, `= ${relation}`, `0 ${number}`]],
    ["'it''s' <= 3 frames", [`'it''s' ${metric}`, `<= ${relation}`, `3 ${number}`, `frames ${unit}`]],
    ['value < 1 %/h', [`value ${metric}`, `< ${relation}`, `1 ${number}`, `%/h ${unit}`]],
    ['throughput >= 83 MB/s', [`throughput ${metric}`, `>= ${relation}`, `83 ${number}`, `MB/s ${unit}`]],
    ['throughput >= 553K ops/s', [`throughput ${metric}`, `>= ${relation}`, `553K ${number}`, `ops/s ${unit}`]],
    [
      String.raw`p95 <= \"a b\" + 20%`,
      [
        `p95 ${metric}`,
        `<= ${relation}`,
        String.raw`\"a b\" string.quoted.double.reference`,
        `+ ${arithmetic}`,
        `20 ${number}`,
        `% ${unit}`,
      ],
    ],
    [
      'time <= O(n log(n))',
      [
        `time ${metric}`,
        `<= ${relation}`,
        'O support.function.growth',
        '( punctuation.definition.parameters.begin',
        'n log(n) variable.parameter.growth',
        ') punctuation.definition.parameters.end',
      ],
    ],
  ])('%s', async (check, expected) => {
    expect(await coloured('source.json.comments', `{\n  "limit": ["${check}"], // why\n}`)).toEqual(expected);
  });

  it('is coloured in the whole of a real file, and nothing else is', async () => {
    const file = path.join(root, 'test/fixtures/demo/perf-budget.jsonc');
    const text = readFileSync(file, 'utf8');
    const checks = text.match(/"[^"]* [<>]=? [^"]*"/g) ?? [];
    const pieces = await coloured('source.json.comments', text);
    expect(pieces.filter((piece) => piece.endsWith(metric)).map((piece) => piece.split(' ')[0])).toEqual(
      checks.map((check) => check.slice(1).split(' ')[0]),
    );
    expect(checks.length).toBeGreaterThan(10);
  });

  it.each([
    '{ "when": "resourceCount > 5", "node": ">=20", "time": "time is short", "path": "p95" }',
    '{ "a": "time <=" } // p95 <= 3 ms',
    '{ "time <= 3 ms": 1 }',
    '{ "os": ["linux", "a = b", ">= 20", "x -> 3"], "when": "a >= 3 && b" }',
  ])('is nothing else: %s', async (text) => {
    expect(await coloured('source.json.comments', text)).toEqual([]);
  });
});

const tag = 'storage.type.class';
const name = 'entity.name.tag.benchmark';
const colon = ': punctuation.separator';
const check = [`p95 ${metric}`, `<= ${relation}`, `2 ${number}`, `ms ${unit}`];

describe('a check in a comment', () => {
  it.each([
    ['source.ts', '// @perf-budget parser/large: p95 <= 2 ms'],
    ['source.ts', '/* @perf-budget parser/large: p95 <= 2 ms */ const a = time <= 3;'],
    ['source.ts', '/**\n * Parses.\n * @perf-budget parser/large: p95 <= 2 ms\n */\nfunction parse() {}'],
    ['source.python', '# @perf-budget parser/large: p95 <= 2 ms'],
    ['source.lua', '-- @perf-budget parser/large: p95 <= 2 ms'],
    ['source.sql', '-- @perf-budget parser/large: p95 <= 2 ms'],
  ])('of %s: %s', async (language, text) => {
    expect(await coloured(language, text)).toEqual([`@perf-budget ${tag}`, `parser/large ${name}`, colon, ...check]);
  });

  it('may be about a benchmark with spaces and colons in its name', async () => {
    expect(await coloured('source.ts', '// @perf-budget a: b/c d: time <= baseline')).toEqual([
      `@perf-budget ${tag}`,
      `a: b/c d ${name}`,
      colon,
      `time ${metric}`,
      `<= ${relation}`,
      `baseline ${baseline}`,
    ]);
  });

  it('may have levels, several checks, and what a benchmark reports', async () => {
    const text = "// @perf-budget a/b: target p95 <= 2 ms, lost messages = 0, limit time <= 'c d' / 5";
    expect(await coloured('source.ts', text)).toEqual([
      `@perf-budget ${tag}`,
      `a/b ${name}`,
      colon,
      'target storage.modifier.level',
      ...check,
      `lost messages ${metric}`,
      `= ${relation}`,
      `0 ${number}`,
      'limit storage.modifier.level',
      `time ${metric}`,
      `<= ${relation}`,
      "'c d' string.quoted.single.reference",
      `/ ${arithmetic}`,
      `5 ${number}`,
    ]);
  });

  it.each(['// p95 <= 2 ms', "const a = '@perf-budget a: p95 <= 2 ms';", '// @perf-budget parser/large'])(
    'is nothing else: %s',
    async (text) => {
      expect(await coloured('source.ts', text)).toEqual([]);
    },
  );
});
