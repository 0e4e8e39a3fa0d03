import * as l10n from '@vscode/l10n';
import { isolations, type BenchmarkSource, type Preparation } from '../language/budget.js';
import { readerNames } from '../language/reader-names.js';
import { rangeOf, type Entry, type JsoncReader, type Node } from './jsonc.js';

/** The keys of an entry of `benchmarks`. */
export const sourceKeys = [
  'files',
  'isolation',
  'install',
  'build',
  'watch',
  'name',
  'command',
  'reads',
  'from',
] as const;

/** Reads an entry of `benchmarks`; null if it has problems that leave nothing to run. */
export function readSource(json: JsoncReader, node: Node): BenchmarkSource | null {
  const entries = json.object(node, sourceKeys, l10n.t('An entry of "benchmarks"'));
  if (entries === null) return null;
  const watch = (json.strings(entries.get('watch')?.value, '"watch"') ?? []).map(plain);
  const command = entries.get('command');
  const value = entries.get('files')?.value;
  if (command !== undefined) return readCommand(json, node, entries, command, watch);
  for (const key of ['name', 'reads', 'from']) {
    const entry = entries.get(key);
    if (entry !== undefined) json.problem(rangeOf(entry.key), l10n.t`"${key}" works only with "command".`);
  }
  if (value === undefined) {
    return json.missing(
      node,
      rangeOf(node),
      l10n.t('This entry does not say which bench files to run. Add "files": "bench/**/*.bench.ts".'),
    );
  }
  const files = json.string(value, '"files"');
  if (files === null) return null;
  if (isAbsolute(files)) {
    return json.problem(
      rangeOf(value),
      l10n.t`"files" must be relative to the folder of this file, but ${files} is absolute.`,
    );
  }
  const location = json.location(rangeOf(value));
  return { kind: 'files', files: plain(files), watch, ...readPreparation(json, entries), location };
}

function readPreparation(json: JsoncReader, entries: ReadonlyMap<string, Entry>): Preparation {
  const own = entries.get('isolation');
  const isolation = json.word(own?.value, '"isolation"', isolations);
  const command = (key: 'install' | 'build', example: string): readonly string[] | null => {
    const value = entries.get(key)?.value;
    const words = json.command(value, `"${key}"`);
    if (value === undefined || words === null || words.length > 0) return words;
    return json.problem(rangeOf(value), l10n.t`"${key}" is empty. Write a program and its arguments: ${example}.`);
  };
  const install = command('install', '["npm", "ci"]');
  const build = command('build', '["npm", "run", "build"]');
  const needs = install === null ? (build === null ? null : 'build') : 'install';
  if (own !== undefined && isolation === 'bundle' && needs !== null)
    json.problem(rangeOf(own.value), l10n.t`"${needs}" works only with "isolation": "worktree".`);
  // Built code is not in Git, so only a checkout can have the old one.
  return { isolation: isolation ?? (needs === null ? null : 'worktree'), install, build };
}

function readCommand(
  json: JsoncReader,
  node: Node,
  entries: ReadonlyMap<string, Entry>,
  { key, value }: Entry,
  watch: readonly string[],
): BenchmarkSource | null {
  const files = entries.get('files');
  if (files !== undefined) json.problem(rangeOf(files.key), l10n.t('An entry has "files" or a "command", not both.'));
  const words = json.command(value, '"command"');
  if (words?.length === 0)
    json.problem(
      rangeOf(value),
      l10n.t('"command" is empty. Write a program and its arguments: ["mix", "run", "bench/scan.exs"].'),
    );
  for (const key of ['isolation', 'install']) {
    const entry = entries.get(key);
    if (entry !== undefined) json.problem(rangeOf(entry.key), l10n.t`"${key}" works only with "files".`);
  }
  const build = json.command(entries.get('build')?.value, '"build"');
  const from = json.string(entries.get('from')?.value, '"from"');
  const name = entries.has('name')
    ? json.string(entries.get('name')?.value, '"name"')
    : json.missing(node, rangeOf(key), l10n.t('This command needs a name, such as "name": "scan".'));
  const hasFormat = entries.has('reads');
  const reads = json.word(entries.get('reads')?.value, '"reads"', readerNames);
  if (from !== null && !hasFormat) {
    const entry = entries.get('from');
    if (entry !== undefined) json.problem(rangeOf(entry.key), l10n.t('"from" needs "reads", the format of that file.'));
  }
  if (words === null || words.length === 0 || !name || (hasFormat && reads === null)) return null;
  const location = json.location(rangeOf(value));
  return { kind: 'command', name, command: words, reads, from: from && plain(from), build, watch, location };
}

export const isAbsolute = (path: string): boolean => /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);

/** Removes a leading `./`, which globs do not match. */
export const plain = (path: string): string => path.replace(/^(?:\.\/)+/, '');
