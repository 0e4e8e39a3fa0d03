import * as l10n from '@vscode/l10n';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  currentFile,
  fileNameOf,
  hasConflict,
  isBaselineName,
  readBaseline,
  writeBaseline,
  type CapturedBaseline,
} from '../../core/judge/baseline.js';
import { longestName } from '../../core/judge/baseline-name.js';
import { err, ok, type Result } from '../../core/result.js';
import { writeAtomically } from '../util/atomic-write.js';
import { baselinesFolder } from '../../core/config/file-names.js';

/** A baseline file that cannot be read. */
export interface BrokenBaseline {
  /** The baseline's name in the file, else the file's own name. */
  readonly name: string;
  /** Relative to the folder of the `perf-budget.jsonc`. */
  readonly file: string;
  /** What is wrong, and how to fix it. */
  readonly message: string;
}

/** A baseline file that can be read. */
export type KeptBaseline = CapturedBaseline & Pick<BrokenBaseline, 'file'>;

/** The captured baselines of one `perf-budget.jsonc`. */
export interface Baselines {
  /** Newest first. */
  readonly all: readonly KeptBaseline[];
  readonly broken: readonly BrokenBaseline[];
  /** The name of the one that `auto` means; null if there is none. */
  readonly current: string | null;
  /** Why the one that is marked as current cannot be found, in a few words; null if it can, or if none is marked. */
  readonly lost: string | null;
  /** What is wrong in which file of the folder. */
  readonly warnings: readonly Pick<BrokenBaseline, 'file' | 'message'>[];
}

const noBaselines: Baselines = { all: [], broken: [], current: null, lost: null, warnings: [] };

/** Returns the current baseline; null if there is none or its file cannot be read. */
export const currentBaseline = ({ all, current }: Baselines): KeptBaseline | null =>
  all.find(({ name }) => name === current) ?? null;

const inFolder = (file: string): string => `${baselinesFolder}/${file}`;

/** Reads all baselines. A file that cannot be read does not affect the others. */
export async function readBaselines(root: string): Promise<Baselines> {
  const folder = path.join(root, baselinesFolder);
  const names = await readdir(folder).catch(() => null);
  if (names === null) return noBaselines;
  const files = names.filter((name) => name.endsWith('.json')).sort();
  const all: KeptBaseline[] = [];
  const broken: BrokenBaseline[] = [];
  for (const name of files) {
    const file = inFolder(name);
    const text = await readFile(path.join(folder, name), 'utf8').catch(() => '');
    const read = readBaseline(text);
    if (read.ok) all.push({ ...read.value, file });
    else broken.push(brokenBaseline(file, text, read.error));
  }
  all.sort((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1));
  const marker = await readFile(path.join(folder, currentFile), 'utf8').catch(() => null);
  const { name: current, warning, lost } = marker === null ? noMark : currentOf(marker, all, broken);
  const wrong = warning === null ? [] : [{ file: inFolder(currentFile), message: warning }];
  return { all, broken, current, lost, warnings: [...broken, ...wrong] };
}

interface Mark {
  readonly name: string | null;
  readonly warning: string | null;
  readonly lost: string | null;
}

const noMark: Mark = { name: null, warning: null, lost: null };

function brokenBaseline(file: string, text: string, why: string): BrokenBaseline {
  const written = /^ {2}"name": ("(?:[^"\\]|\\.)*")/m.exec(text)?.[1];
  let name = path.posix.basename(file, '.json');
  try {
    if (written !== undefined) name = String(JSON.parse(written));
  } catch {
    // JSON does not know an escape in it: the file's name will do.
  }
  const again = `perf-budget capture --name ${JSON.stringify(name)}`;
  return { name, file, message: l10n.t`${file} ${why}. Its figures are unknown. Run ${again} to write it again.` };
}

/** Reads the marker. If it has both sides of a merge, the newer baseline counts. */
function currentOf(text: string, all: readonly CapturedBaseline[], broken: readonly BrokenBaseline[]): Mark {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^\ufeff/, '').trim());
  const named = lines.filter((line) => line !== '' && !/^(?:<{7}|={7}|>{7}|\|{7})/.test(line));
  const known = [...all.map(({ name }) => name), ...broken.map(({ name }) => name)].filter((name) =>
    named.includes(name),
  );
  const [name = null] = known;
  const file = inFolder(currentFile);
  const again = 'perf-budget capture --use <name>';
  if (hasConflict(text)) {
    return name === null
      ? {
          name,
          warning: l10n.t`${file} has a merge conflict; no baseline is used. Choose one with ${again}.`,
          lost: l10n.t`${file} has a merge conflict`,
        }
      : {
          name,
          warning: l10n.t`${file} has a merge conflict; the newer one, ${name}, is used. Choose one with ${again}.`,
          lost: null,
        };
  }
  const [first = ''] = named;
  if (named.length === 1 && name !== null) return { name, warning: null, lost: null };
  const isName = named.length === 1 && isBaselineName(first) && first.length <= longestName;
  return isName
    ? {
        name: null,
        warning: l10n.t`${file} names ${first}, of which there is no file. Choose one with ${again}, or compare with Git with --use none.`,
        lost: l10n.t`the file of the current baseline ${first} is gone`,
      }
    : {
        name: null,
        warning: l10n.t`${file} names no baseline. Choose one with ${again}, or compare with Git with --use none.`,
        lost: l10n.t`${file} names no baseline`,
      };
}

/** Returns a text that changes whenever something in the folder does; cheap enough for every save. */
export async function baselinesStamp(root: string): Promise<string> {
  const folder = path.join(root, baselinesFolder);
  const names = await readdir(folder).catch(() => []);
  const stats = await Promise.all(
    names.sort().map(async (name) => {
      const found = await stat(path.join(folder, name)).catch(() => null);
      return found === null ? name : `${name} ${found.mtimeMs} ${found.size} ${found.ino}`;
    }),
  );
  return stats.join('\n');
}

/** Keeps a baseline, which replaces any of the same name, and makes it the current one. Returns its file. */
export async function keepBaseline(root: string, baseline: CapturedBaseline): Promise<Result<string, string>> {
  const { all, broken } = await readBaselines(root);
  const files = [...all, ...broken];
  const base = ({ file }: Pick<BrokenBaseline, 'file'>): string => path.posix.basename(file);
  const own = files.filter(({ name }) => name === baseline.name).map(base);
  const file = fileNameOf(baseline.name, files.filter(({ name }) => name !== baseline.name).map(base));
  return attempt(root, async (folder) => {
    await writeAtomically(path.join(folder, file), writeBaseline(baseline));
    for (const old of own) if (old !== file) await rm(path.join(folder, old), { force: true });
    await writeAtomically(path.join(folder, currentFile), `${baseline.name}\n`);
    return inFolder(file);
  });
}

/** Makes a captured baseline the current one, or none if `name` is null. */
export async function useBaseline(root: string, name: string | null): Promise<Result<null, string>> {
  return attempt(root, async (folder) => {
    if (name === null) await rm(path.join(folder, currentFile), { force: true });
    else await writeAtomically(path.join(folder, currentFile), `${name}\n`);
    return null;
  });
}

/** Deletes the files of a baseline. If it is the current one, there is none afterwards. */
export async function removeBaseline(root: string, name: string): Promise<Result<null, string>> {
  const { all, broken, current } = await readBaselines(root);
  const own = [...all, ...broken].filter((one) => one.name === name);
  if (own.length === 0) return err(l10n.t`There is no captured baseline ${name}.`);
  return attempt(root, async (folder) => {
    // Otherwise, if the rest failed, one that is gone would be marked.
    if (current === name) await rm(path.join(folder, currentFile), { force: true });
    for (const { file } of own) await rm(path.join(folder, path.posix.basename(file)), { force: true });
    return null;
  });
}

/** Returns why nothing can be kept in the folder; null if it can. */
export async function cannotKeep(root: string): Promise<string | null> {
  const probe = `.${randomUUID().slice(0, 8)}`;
  const existed = (await stat(path.join(root, baselinesFolder)).catch(() => null)) !== null;
  const tried = await attempt(root, async (folder) => {
    await writeFile(path.join(folder, probe), '');
    await rm(path.join(folder, probe), { force: true });
    // Otherwise an empty folder would stay behind.
    if (!existed) await rm(folder, { recursive: true, force: true });
    return null;
  });
  return tried.ok ? null : tried.error;
}

async function attempt<T>(root: string, work: (folder: string) => Promise<T>): Promise<Result<T, string>> {
  const folder = path.join(root, baselinesFolder);
  try {
    await mkdir(folder, { recursive: true });
    return ok(await work(folder));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return err(l10n.t`${baselinesFolder} cannot be written (${error.message}).`);
  }
}
