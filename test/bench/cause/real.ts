/** Releases of packages that became slower, fetched from npm when asked for: real changes, with the answer found by hand. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { answer, create, type Answer, type Edit, type Kind, type Module } from './corpus.js';

interface Release {
  readonly package: string;
  readonly versions: readonly [old: string, now: string];
  /** The module that the benchmark imports; its folder is the code under test. */
  readonly entry: string;
  /** Statements that have `api`, and the expression that is measured. */
  readonly setup: string;
  readonly call: string;
  readonly kind: Kind;
  /** Their files are those of the package, in `vendor`. */
  readonly answers: readonly [Answer, ...Answer[]];
  readonly why?: string;
  readonly size: number;
}

const releases: readonly Release[] = [
  {
    package: 'diff',
    versions: ['5.1.0', '5.2.0'],
    entry: 'lib/index.mjs',
    setup: `const before = 'one two three four five six seven eight nine ten';
const after = before.replace('three', 'drei').replace('eight ', '');`,
    call: 'api.diffWords(before, after).length',
    kind: 'delete',
    answers: [answer('buildValues', 'vendor/lib/index.mjs', 'delete lastComponent.previousComponent')],
    size: 0.51,
  },
  {
    package: 'qs',
    versions: ['6.12.0', '6.12.1'],
    entry: 'lib/index.js',
    setup: `const object = { name: 'a b & c', list: ['x', 'y/z', 'ü'], deep: { one: { two: 'three four' } }, text: 'Hello, world: '.repeat(5) };`,
    call: 'api.default.stringify(object).length',
    kind: 'concatenation',
    answers: [answer('encode', 'vendor/lib/utils.js', `out += arr.join('')`, 'arr[arr.length] = segment.charAt(i)')],
    size: 0.36,
  },
  {
    package: 'camelcase',
    versions: ['7.0.1', '8.0.0'],
    entry: 'index.js',
    setup: `const words = ['a1b2c3d4e5f6', 'v2-3_x4y', 'h264x265', 'utf8to16to32'];`,
    call: 'words.map((word) => api.default(word)).join().length',
    kind: 'regular expression',
    answers: [answer('postProcess', 'vendor/index.js', 'return input\n\t\t.replaceAll(NUMBERS')],
    size: 0.22,
  },
  {
    package: 'string-width',
    versions: ['7.2.0', '8.1.0'],
    entry: 'index.js',
    setup: `const texts = ['plain', 'with ünicode', '古古古', 'a longer line of text', 'and another one'];`,
    call: 'texts.map((text) => api.default(text)).join().length',
    kind: 'regular expression',
    answers: [
      answer('stringWidth', 'vendor/index.js', 'rgiEmojiRegex.test(segment)'),
      answer('baseVisible', 'vendor/index.js', 'segment.replace(leadingNonPrintingRegex'),
      answer('isZeroWidthCluster', 'vendor/index.js', 'zeroWidthClusterRegex.test(segment)'),
    ],
    why: 'Three patterns replace comparisons of numbers, and cost about as much each.',
    size: 0.33,
  },
];

/** Fetches both versions of each package into a folder, and makes projects in which the old one is the user's code. */
export async function realPairs(folder: string, signal: AbortSignal): Promise<Module[]> {
  const modules: Module[] = [];
  for (const release of releases) modules.push(await moduleOf(release, path.join(folder, release.package), signal));
  return modules;
}

async function moduleOf(release: Release, home: string, signal: AbortSignal): Promise<Module> {
  const { package: name, versions, entry, setup, call, kind, answers, why, size } = release;
  const [old, now] = await Promise.all(
    versions.map(async (version) => {
      const folder = path.join(home, version);
      await mkdir(folder, { recursive: true });
      await writeFile(path.join(folder, 'package.json'), '{ "private": true }');
      const npm = ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${name}@${version}`];
      await promisify(execFile)('npm', npm, { cwd: folder, signal, shell: process.platform === 'win32' });
      return folder;
    }),
  );
  if (old === undefined || now === undefined) throw new Error(`${name} was not fetched`);
  const project = path.join(home, 'project');
  const vendor = path.join(project, 'vendor');
  await cp(path.join(old, 'node_modules'), path.join(project, 'node_modules'), { recursive: true });
  await cp(path.join(old, 'node_modules', name), vendor, { recursive: true });
  await rm(path.join(project, 'node_modules', name), { recursive: true });
  await mkdir(path.join(project, 'bench'));
  const benchFile = 'bench/release.bench.mjs';
  const bench = [`import { bench } from 'vitest';`, `import * as api from '../vendor/${entry}';`, setup];
  await writeFile(path.join(project, benchFile), [...bench, `bench('release', () => ${call});`, ''].join('\n'));
  return {
    ...{ name, folder: project, benchFile, benchmark: 'release', controls: [] },
    variants: [
      {
        name: `${versions[0]} to ${versions[1]}`,
        edits: await changedFiles(vendor, path.join(now, 'node_modules', name)),
        ...{ kind, answers, size },
        ...(why !== undefined && { why }),
      },
    ],
  };
}

/** The code that a package has in its new version and not, or another, in the old one. */
async function changedFiles(old: string, now: string): Promise<Edit[]> {
  const files = (await readdir(now, { recursive: true })).filter((file) => /\.[cm]?js$/.test(file));
  const edits = files.map(async (file): Promise<Edit[]> => {
    const text = await readFile(path.join(now, file), 'utf8');
    const before = await readFile(path.join(old, file), 'utf8').catch(() => null);
    return text === before ? [] : [create(path.posix.join('vendor', file.split(path.sep).join('/')), text)];
  });
  return (await Promise.all(edits)).flat();
}
