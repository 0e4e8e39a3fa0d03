import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';
import { shownManifest } from '../manifest.js';
import { toolNames } from '../../src/requests/tools/definitions.js';
import { exampleExplanation } from '../core/results/example-causes.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const patterns = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', 'docs/**/*.md', 'test/**/README.md'];
const pages = globSync(patterns, { cwd: root, ignore: ['**/node_modules/**'] }).sort();

/** The text without its blocks of code, where a bracket is no link and a # no heading. */
const prose = (text: string): string => text.replace(/^([ \t]*)(`{3,}|~{3,})[^\n]*\n[\s\S]*?^\1\2[ \t]*$/gm, '');

/** The anchors of a page, as GitHub makes them: https://github.com/gjtorikian/html-pipeline, its TableOfContentsFilter. */
function anchorsOf(text: string): readonly string[] {
  const seen = new Map<string, number>();
  return Array.from(prose(text).matchAll(/^#{1,6}[ \t]+(.*?)[ \t]*#*$/gm), ([, heading = '']) => {
    const words = heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1');
    const slug = words
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** What a page links to within the repository. */
function linksOf(text: string): readonly string[] {
  const words = prose(text).replace(/(`+)[^`]*\1/g, 'code');
  const inline = Array.from(words.matchAll(/\]\(<?([^)\s>]+)>?[^)]*\)/g), ([, target = '']) => target);
  const named = Array.from(words.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm), ([, target = '']) => target);
  return [...inline, ...named].filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

/** The file that a link of `page` leads to, relative to the repository. */
const targetOf = (page: string, link: string): string => {
  const [file = ''] = link.split('#');
  return file === '' ? page : path.posix.join(path.posix.dirname(page), decodeURIComponent(file));
};

/** The links of a page that lead nowhere. */
function brokenLinks(page: string, text: string): readonly string[] {
  return linksOf(text).filter((link) => {
    const anchor = link.includes('#') ? link.slice(link.indexOf('#') + 1) : null;
    const target = targetOf(page, link);
    if (!existsSync(path.join(root, target))) return true;
    if (anchor === null) return false;
    return !anchorsOf(target === page ? text : read(target)).includes(decodeURIComponent(anchor));
  });
}

test('every option of the command line and every tool of agents is in the documentation', () => {
  const commandLine = read('docs/command-line.md') + read('docs/bisect.md') + read('docs/other-languages.md');
  const options = read('src/cli/program.ts').matchAll(/'(?:-\w, )?(--[a-z][a-z-]*)/g);
  expect(
    [...new Set(Array.from(options, ([, name = '']) => name))].filter((name) => !commandLine.includes(name)),
  ).toEqual([]);
  expect(toolNames.filter((name) => !read('docs/agents.md').includes(`\`${name}\``))).toEqual([]);
});

test.each(pages)('every link of %s leads somewhere', (page) => {
  expect(brokenLinks(page, read(page))).toEqual([]);
});

test('a link to a missing file, or to a missing heading, is found', () => {
  const text = [
    '# One page',
    '## A `key` & its "value"',
    '## Twice',
    '## Twice',
    '[a](docs/nowhere.md) [b](#one-page) [c](#one) [d](#a-key--its-value) [e](#twice-1) [f](#twice-2)',
    '[g](LICENSE) [h](https://example.com/x) `[i](nowhere)`',
    '```md',
    '[j](nowhere)',
    '```',
    '[k]: docs/no-page.md',
  ].join('\n');
  expect(brokenLinks('README.md', text)).toEqual(['docs/nowhere.md', '#one', '#twice-2', 'docs/no-page.md']);
});

test('every page of docs/ can be reached from the README', () => {
  const reached = new Set<string>();
  const visit = (page: string): void => {
    if (reached.has(page)) return;
    reached.add(page);
    for (const link of linksOf(read(page))) {
      const target = targetOf(page, link);
      if (pages.includes(target)) visit(target);
    }
  };
  visit('README.md');
  const docs = pages.filter((page) => page.startsWith('docs/'));
  expect(docs.length).toBeGreaterThan(8);
  expect(docs.filter((page) => !reached.has(page))).toEqual([]);
});

test('the README has at most 150 lines', () => {
  expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(150);
});

const configuration = read('docs/configuration.md');

/** What stands in the page as code of its own. */
const isNamed = (name: string): boolean => configuration.includes(`\`${name}\``);

test('docs/configuration.md has every setting and every command', () => {
  const { commands, configuration: settings } = shownManifest.contributes;
  const names = settings.flatMap(({ properties }) => Object.keys(properties));
  expect(names.filter((name) => !isNamed(name))).toEqual([]);
  const titles = commands.filter(({ title }) => !configuration.includes(`**Perf Budget: ${title}**`));
  expect(titles.map(({ title }) => title)).toEqual([]);
  expect(commands.map(({ command }) => command).filter((id) => !isNamed(id))).toEqual([]);
});

test('docs/configuration.md has every key of the schema', () => {
  interface Node {
    readonly properties?: Readonly<Record<string, Node>>;
    readonly definitions?: Readonly<Record<string, Node>>;
  }
  const keysOf = ({ properties = {}, definitions = {} }: Node): readonly string[] => [
    ...Object.keys(properties),
    ...[...Object.values(properties), ...Object.values(definitions)].flatMap(keysOf),
  ];
  const keys = [...new Set(keysOf(JSON.parse(read('media/perf-budget.schema.json')) as Node))];
  expect(keys.length).toBeGreaterThan(30);
  expect(keys.filter((key) => !isNamed(key))).toEqual([]);
});

test('docs/command-line.md has every key of a cause and of an explanation', () => {
  const page = read('docs/command-line.md');
  const causes = exampleExplanation.causes.flatMap((cause) => [
    ...[cause, ...(cause.lines ?? []), ...(cause.reasons ?? []), ...(cause.retainer ? [cause.retainer] : [])],
  ]);
  const keys = [...causes, exampleExplanation, { causesNote: '' }].flatMap((one) => Object.keys(one));
  expect(new Set(keys).size).toBeGreaterThan(20);
  expect(keys.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
});

test('every message in docs/troubleshooting.md is one that the code has', () => {
  // A comment shows nothing to a user.
  const code = (file: string): string => read(file).replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  const sources = globSync('src/**/*.ts', { cwd: root }).map(code).join('\n').replaceAll('\\`', '`');
  const [page = ''] = read('docs/troubleshooting.md').split('## The verdict looks wrong');
  const messages = Array.from(page.matchAll(/^\| (`+)(.+?)\1 (?=[ |·])/gm), ([, , message = '']) => message);
  expect(messages.length).toBeGreaterThan(100);
  // What stands between two places that a name or a figure takes is a piece of the source.
  const pieces = (message: string): readonly string[] => message.split('…').filter((piece) => /\w\w/.test(piece));
  expect(messages.filter((message) => pieces(message).some((piece) => !sources.includes(piece)))).toEqual([]);
});

test('every script that README.md and CONTRIBUTING.md name is in package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
  const text = read('README.md') + read('CONTRIBUTING.md');
  const named = Array.from(text.matchAll(/\bnpm (?:run )?((?:test|start|[\w:-]+)(?::\w+)?)/g), ([, name = '']) => name);
  const asked = named.filter((name) => !['ci', 'and', 'install'].includes(name));
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((name) => !(name in scripts))).toEqual([]);
});
