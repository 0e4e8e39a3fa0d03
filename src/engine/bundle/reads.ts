import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** What code needs to find a file at run time. Without any of these, no text in it is a path. */
const finds =
  /import\.meta\.(?:url|dirname|filename|resolve)|__dirname|__filename|\b(?:readFile|readdir|createReadStream|Worker|fork|spawn|execFile)/;

const literal = /'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\$]|\\.)*)`/g;

/** `join(here, '..', 'data', 'a.json')`, `path.resolve(__dirname, 'a.json')`. */
const joins = /\b(?:join|resolve)\(\s*[\w$.]+((?:\s*,\s*(?:'[^'\n]*'|"[^"\n]*"|`[^`$]*`))+)\s*,?\s*\)/g;

/** Imports, which are bundled. */
const imports = /\b(?:from|import|require)\s*\(?\s*(?:'[^'\n]*'|"[^"\n]*")/g;

/** The most files of a folder that count one by one. */
const mostInFolder = 1000;

/**
 * Returns the files that a text names in its string literals, as it does to read or to start them (`new URL('./data.json',
 * import.meta.url)`, `join(here, 'words.txt')`, `new Worker('./worker.js')`), besides what it imports. A path is relative to
 * the file or to `cwd`. Of a folder, all its files. It sees no path that is computed.
 */
export function readsOf(text: string, file: string, cwd: string): readonly string[] {
  if (!finds.test(text)) return [];
  const found = new Set<string>();
  const folder = path.dirname(file);
  const others = text.replace(imports, '');
  const add = (name: string): void => {
    for (const base of new Set([folder, cwd])) {
      const target = path.resolve(base, name);
      // A folder around the code is where it starts from, not what it reads.
      if (`${folder}${path.sep}`.startsWith(target + path.sep) || found.has(target)) continue;
      for (const each of filesAt(target, /[\\/]/.test(name))) found.add(each);
    }
  };
  for (const [, one, two, three] of others.matchAll(literal)) {
    const name = one ?? two ?? three ?? '';
    // A word alone is more likely a name than a file.
    if (/^[\w@.\-/\\ ]{1,200}$/.test(name) && /[./\\]/.test(name) && !/^\.{0,2}[\\/]?$/.test(name)) add(name);
  }
  for (const [, list = ''] of others.matchAll(joins)) {
    const parts = Array.from(list.matchAll(literal), ([, one, two, three]) => one ?? two ?? three ?? '');
    add(parts.join('/'));
  }
  return [...found].filter((each) => each !== file).sort();
}

function filesAt(target: string, isPath: boolean): readonly string[] {
  if (target.split(path.sep).includes('node_modules') || !existsSync(target)) return [];
  const found = statSync(target);
  if (found.isFile()) return [target];
  // `src` alone may be any word; `./src/` is a folder.
  if (!isPath || !found.isDirectory()) return [];
  return inFolder(target, mostInFolder);
}

function inFolder(folder: string, most: number): readonly string[] {
  const files: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === '.git' || files.length >= most) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) files.push(...inFolder(file, most - files.length));
    else if (entry.isFile()) files.push(file);
  }
  return files;
}
