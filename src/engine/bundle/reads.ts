import { existsSync, readdirSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';

/** Files that code names to read or to start them, besides what it imports. Absolute paths, sorted. */
export interface Reads {
  /** Found from the code's own place: `new URL('./data.json', import.meta.url)`, `join(__dirname, 'words.txt')`. */
  readonly beside: readonly string[];
  /** Found from the working directory: `readFileSync('data.json')`, `new Worker('./worker.js')`. */
  readonly fromDirectory: readonly string[];
}

/** What code needs to know its own place. */
const ownPlace = /import\.meta\.(?:url|dirname|filename|resolve)|__dirname|__filename/;
const literals = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|` + '`(?:[^`\\\\$]|\\\\.)*`';
const literal = new RegExp(literals, 'g');

/** Imports, which are bundled. */
const imports = new RegExp(String.raw`\b(?:from|import|require)\s*\(?\s*(?:${literals})`, 'g');

/** Calls that take a path relative to the working directory. */
const opening = new RegExp(
  String.raw`\b(?:readFile|readFileSync|readdir|readdirSync|createReadStream|open|openSync|Worker|fork)\s*\(\s*(${literals})`,
  'g',
);

/** `join(here, '..', 'data', 'a.json')`, `path.resolve(__dirname, 'a.json')`. */
const joins = new RegExp(
  String.raw`\b(?:join|resolve)\(\s*[\w$.]+(?:\(\))?((?:\s*,\s*(?:${literals}))+)\s*,?\s*\)`,
  'g',
);

/** The most names of a text that are looked up, because data may have a hundred thousand. */
const mostNamed = 2000;
/** The most files of a folder that count one by one. */
const mostInFolder = 1000;

/** Returns the files that exist among those that a text names. Of a folder, all its files. It sees no path that is computed. */
export function readsOf(text: string, file: string, cwd: string): Reads {
  const own = path.dirname(file);
  const others = text.replace(imports, '');
  const opened = new Set(Array.from(others.matchAll(opening), ([, quoted = '']) => valueOf(quoted)));
  const joined = Array.from(others.matchAll(joins), ([, list = '']) =>
    Array.from(list.matchAll(literal), ([quoted]) => valueOf(quoted)).join('/'),
  );
  const named = ownPlace.test(text) ? Array.from(others.matchAll(literal), ([quoted]) => valueOf(quoted)) : [];
  const fromDirectory = /\bprocess\.cwd\(\)/.test(text) ? [...opened, ...joined, ...named] : [...opened];
  const beside = ownPlace.test(text) ? [...joined, ...named.filter((name) => !opened.has(name))] : [];
  const of = (names: readonly string[], base: string): readonly string[] => {
    const wanted = names.filter(isPathLike).slice(0, mostNamed);
    const found = new Set(wanted.flatMap((name) => filesAt(path.resolve(base, name), name, own)));
    found.delete(file);
    return [...found].sort();
  };
  return { beside: of(beside, own), fromDirectory: of(fromDirectory, cwd) };
}

const valueOf = (quoted: string): string => quoted.slice(1, -1);

/** A word alone is more likely a name than a file. */
const isPathLike = (name: string): boolean => /^[\w@.\-/\\ ]{1,200}$/.test(name) && /[./\\]/.test(name);

function filesAt(target: string, name: string, own: string): readonly string[] {
  // A folder around the code is where it starts from, not what it reads.
  if (`${own}${path.sep}`.startsWith(target + path.sep)) return [];
  if (target.split(path.sep).includes('node_modules') || !existsSync(target)) return [];
  const found = statSync(target);
  if (found.isFile()) return [target];
  // `src` alone may be any word; `./src/` is a folder.
  return found.isDirectory() && /[\\/]/.test(name) ? inFolder(target, mostInFolder) : [];
}

function inFolder(folder: string, most: number): readonly string[] {
  const files: string[] = [];
  for (const entry of entriesOf(folder)) {
    if (entry.name === 'node_modules' || entry.name === '.git' || files.length >= most) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...inFolder(file, most - files.length));
    else if (entry.isFile()) files.push(file);
  }
  return files;
}

/** Returns nothing for a folder that cannot be read; the code will say so itself. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
