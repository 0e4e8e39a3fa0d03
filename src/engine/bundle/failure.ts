import path from 'node:path';
import type { Message } from 'esbuild';
import { type Insertion, writtenColumn } from './columns.js';
import type { RunFailure } from '../../core/results/measurement.js';

/** Returns esbuild's first error in one sentence. esbuild's paths are relative to `root`; `inserted` is by absolute path. */
export function compileFailure(
  messages: readonly Message[],
  root: string,
  benchFile: string,
  inserted: ReadonlyMap<string, readonly Insertion[]> = new Map(),
): RunFailure {
  const first = messages[0];
  const reason = first === undefined ? 'esbuild gave no reason' : first.text;
  const text = `${reason}${question(reason, first)}`;
  const location = first?.location;
  // Plugins locate errors in `file`, and esbuild itself in nothing.
  if (location?.namespace !== '' && location?.namespace !== 'file')
    return {
      kind: 'compile',
      message: said(path.relative(root, benchFile), text),
      file: benchFile,
    };
  const file = path.resolve(root, location.file);
  // esbuild counts bytes from zero.
  const column = Buffer.from(location.lineText).subarray(0, location.column).toString().length;
  return {
    kind: 'compile',
    message: said(path.relative(root, file), text),
    file,
    line: location.line,
    column: writtenColumn(inserted.get(file) ?? [], location.line - 1, column) + 1,
  };
}

/** Returns what the code of a commit does not export, in a few words, if that is what a message of esbuild says. */
export function missingExport(message: string, commit: string): string | null {
  const [, file, name] = /No matching export in "([^"]+)" for import "([^"]+)"/.exec(message) ?? [];
  if (file === undefined || name === undefined) return null;
  return name === 'default' ? `${file} has no default export at ${commit}` : `${name} does not exist at ${commit}`;
}

/** Asks what the reader may have forgotten: to build output that is in no repository, or to install a package. */
function question(reason: string, message: Message | undefined): string {
  const specifier = /^Could not resolve "([^"]+)"/.exec(reason)?.[1];
  if (specifier === undefined) return '';
  const unbuilt = message?.notes.some(({ text }) => text.includes('was not found on the file system')) === true;
  if (unbuilt || /(?:^|\/)(?:dist|build|out)\//.test(specifier)) return ': is it built?';
  return /^[./]/.test(specifier) ? '' : ': is it installed?';
}

/** A refusal is a sentence about the file already. */
const said = (file: string, text: string): string =>
  sentence(text.startsWith('uses ') ? `${file} ${text}` : `${file} does not compile: ${text}`);

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
