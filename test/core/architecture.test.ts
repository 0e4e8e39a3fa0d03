import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { globSync } from 'tinyglobby';
import { expect, test } from 'vitest';

/** The parts of the house, and what each may import besides itself. The page runs in a browser, the report in a bench file. */
const parts: Readonly<Record<string, readonly string[]>> = {
  editor: ['core', 'engine', 'requests'],
  cli: ['core', 'engine', 'requests'],
  requests: ['core', 'engine'],
  engine: ['core', 'worker', 'system'],
  worker: ['core', 'system'],
  system: [],
  page: ['core'],
  core: [],
};

/** The folders of each part, top floor first: a folder imports only from itself and from those after it. */
const floors: Readonly<Record<string, readonly string[]>> = {
  editor: ['surfaces', 'commands', 'testing', 'drawing', 'session'],
  cli: ['commands', 'report', 'input', 'terminal'],
  requests: ['tools', 'measure', 'report', 'lines', 'selection'],
  engine: [
    'remote',
    'project',
    'bisect',
    'explain',
    'measure',
    'discovery',
    'command',
    'baseline',
    'history',
    'bundle',
    'pipeline',
    'git',
    'workers',
    'processes',
    'util',
  ],
  worker: ['observe', 'sample', 'collect', 'pipeline'],
  system: [],
  core: ['assist', 'formats', 'text', 'judge', 'cause', 'config', 'results', 'stats', 'language', 'outline', 'ci'],
};

/** The only files that lie beside the folders: entries, and what every folder of the part needs. */
const loose: Readonly<Record<string, readonly string[]>> = {
  editor: ['extension.ts'],
  cli: ['main.ts', 'program.ts', 'dispatch.ts'],
  requests: [],
  engine: [],
  worker: [
    'main.ts',
    'process.ts',
    'pipeline.ts',
    'channel.ts',
    'parent.ts',
    'end.ts',
    'debug.ts',
    'load.ts',
    'protocol.ts',
    'reaper.ts',
    'watch.ts',
  ],
  system: ['processes.ts', 'frames.ts', 'foreign.ts'],
  core: ['problem.ts', 'result.ts'],
};

/** Files of these folders never import each other. */
const strangers = ['editor/surfaces'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

/** Every import of these files: paths of files relative to `src`, anything else as it is written. */
function importsOf(sources: readonly Source[]): readonly Import[] {
  return sources.flatMap(({ file, text }) => {
    const statements = text.matchAll(
      /^(?:import|export)\s(type\s)?(?:[^'"]*?from\s+)?'([^']+)'|\bimport\('([^']+)'\)/gm,
    );
    return Array.from(statements, ([, type, fixed, dynamic]) => {
      const specifier = fixed ?? dynamic ?? '';
      const target = path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts');
      return { from: file, to: specifier.startsWith('.') ? target : specifier, typeOnly: type !== undefined };
    });
  });
}

const partOf = (file: string): string => file.split('/')[0] ?? '';

/** The folder of a file within its part; null for one that lies beside the folders. */
function folderOf(file: string): string | null {
  const [, folder, ...rest] = file.split('/');
  return rest.length === 0 ? null : (folder ?? null);
}

const arrow = ({ from, to }: Pick<Import, 'from' | 'to'>): string => `${from} → ${to}`;

/** Everything that is wrong with the house, a line each. */
function violations(sources: readonly Source[]): readonly string[] {
  const imports = importsOf(sources);
  const broken = (breaks: (one: Import) => boolean): string[] => imports.filter(breaks).map(arrow);
  const betweenParts = broken(({ from, to }) => {
    const [here, there] = [partOf(from), partOf(to)];
    return there in parts && here !== there && parts[here]?.includes(there) !== true;
  });
  const upwards = broken(({ from, to }) => {
    const order = floors[partOf(from)];
    if (order === undefined || partOf(from) !== partOf(to)) return false;
    const [here, there] = [folderOf(from), folderOf(to)];
    return here !== null && there !== null && order.indexOf(there) < order.indexOf(here);
  });
  const acquainted = broken(({ from, to }) => {
    const folder = path.posix.dirname(from);
    return strangers.includes(folder) && path.posix.dirname(to) === folder;
  });
  const workerCode = broken(
    ({ from, to, typeOnly }) => partOf(from) === 'engine' && partOf(to) === 'worker' && !typeOnly,
  );
  const impure = broken(
    ({ from, to }) => (partOf(from) === 'core' && isBuiltin(to)) || (partOf(from) !== 'editor' && to === 'vscode'),
  );
  const misplaced = sources.flatMap(({ file }) => {
    const order = floors[partOf(file)];
    const folder = folderOf(file);
    const isPlaced =
      folder === null ? loose[partOf(file)]?.includes(path.posix.basename(file)) : order?.includes(folder);
    return order === undefined || isPlaced === true ? [] : [file];
  });
  return [
    ...betweenParts.map((line) => `${line}: this part may not import that one`),
    ...upwards.map((line) => `${line}: imports upwards`),
    ...acquainted.map((line) => `${line}: surfaces never import each other`),
    ...workerCode.map((line) => `${line}: the engine takes only types from the worker`),
    ...impure.map((line) => `${line}: only the editor imports vscode, and core imports nothing of Node's`),
    ...misplaced.map((file) => `${file}: belongs in a folder of the table`),
    ...circles(imports).map((line) => `${line}: a circle`),
  ];
}

/** The circles of files, each once, as a path that comes back to where it began. Imports of types count. */
function circles(imports: readonly Import[]): readonly string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const at = trail.indexOf(file);
    if (at >= 0) found.push([...trail.slice(at), file].join(' → '));
    if (at >= 0 || done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...trail, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}

const src = path.resolve(import.meta.dirname, '../../src');
const house: readonly Source[] = globSync('**/*.ts', { cwd: src }).map((file) => ({
  file,
  text: readFileSync(path.join(src, file), 'utf8'),
}));

test('every import goes downwards, and every file is in its folder', () => {
  expect(importsOf(house).length).toBeGreaterThan(500);
  expect(violations(house)).toEqual([]);
});

test.each([
  ['core/stats/interval.ts', '../text/title.js', 'imports upwards'],
  ['engine/git/repository.ts', '../measure/run.js', 'imports upwards'],
  ['editor/surfaces/hover.ts', './codeLens.js', 'surfaces never import each other'],
  ['editor/surfaces/hover.ts', '../../cli/program.js', 'this part may not import that one'],
  ['engine/measure/run.ts', '../../worker/sample/loop.js', 'the engine takes only types from the worker'],
  ['core/text/title.ts', 'node:fs', "only the editor imports vscode, and core imports nothing of Node's"],
])('a new import in %s of %s is reported: %s', (file, specifier, words) => {
  for (const statement of [
    `import { x } from '${specifier}';`,
    `import '${specifier}';`,
    `export * from '${specifier}';`,
  ]) {
    expectReported(statement, file, specifier, words);
  }
});

/** What writes to a medium, and the only files that may: there, text of others is escaped. */
const outlets: readonly (readonly [pattern: RegExp, files: readonly string[]])[] = [
  [/new vscode\.MarkdownString\(/, ['editor/drawing/markdown-string.ts']],
  [/window\.show(?:Information|Warning|Error)Message|window\.showQuickPick/, ['editor/session/dialogs.ts']],
  [/(?:stdout|stderr)\.write\(|console\.\w+\(/, ['cli/main.ts', 'cli/terminal/terminal.ts']],
];

test.each(outlets)('%s is only where text of others is escaped', (pattern, files) => {
  const found = house.filter(({ file, text }) => /^(?:editor|cli|requests)\//.test(file) && pattern.test(text));
  expect(found.map(({ file }) => file).sort()).toEqual(files);
});

function expectReported(statement: string, file: string, specifier: string, words: string): void {
  const { text } = house.find((source) => source.file === file) ?? { text: '' };
  expect(text).not.toBe('');
  const changed = { file, text: `${statement}\n${text}` };
  const [first, ...others] = violations([...house.filter((source) => source.file !== file), changed]);
  // What goes upwards mostly closes circles, too: each goes through the new import.
  const edge = arrow({ from: file, to: path.posix.join(path.posix.dirname(file), specifier).replace(/\.js$/, '.ts') });
  expect(others.filter((line) => !(line.includes(edge) && line.endsWith(': a circle')))).toEqual([]);
  expect(first).toMatch(new RegExp(`^${file} → .*: ${words}$`));
}

test('a file beside the folders, or in a folder that the table lacks, is reported', () => {
  const more = ['core/helpers.ts', 'engine/misc/thing.ts'].map((file) => ({ file, text: '' }));
  expect(violations([...house, ...more])).toEqual([
    'core/helpers.ts: belongs in a folder of the table',
    'engine/misc/thing.ts: belongs in a folder of the table',
  ]);
});

test('a circle of files is reported with its path', () => {
  const more = [
    { file: 'core/text/one.ts', text: "import { b } from './two.js';" },
    { file: 'core/text/two.ts', text: "import type { c } from './three.js';" },
    { file: 'core/text/three.ts', text: "import { a } from './one.js';" },
  ];
  expect(violations([...house, ...more])).toEqual([
    'core/text/one.ts → core/text/two.ts → core/text/three.ts → core/text/one.ts: a circle',
  ]);
});
