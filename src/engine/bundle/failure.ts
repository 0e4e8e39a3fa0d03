import path from 'node:path';
import type { Message } from 'esbuild';
import type { RunFailure } from '../../core/results/measurement.js';

/** Returns esbuild's first error in one sentence. esbuild's paths are relative to `root`. */
export function compileFailure(messages: readonly Message[], root: string, benchFile: string): RunFailure {
  const first = messages[0];
  const reason = first === undefined ? 'esbuild gave no reason' : first.text;
  const text = `${reason}${question(reason, first)}`;
  const location = first?.location;
  if (location?.namespace !== '')
    return {
      kind: 'compile',
      message: sentence(`${path.relative(root, benchFile)} does not compile: ${text}`),
      file: benchFile,
    };
  return {
    kind: 'compile',
    message: sentence(`${location.file} does not compile: ${text}`),
    file: path.resolve(root, location.file),
    line: location.line,
    // esbuild counts bytes from zero.
    column: Buffer.from(location.lineText).subarray(0, location.column).toString().length + 1,
  };
}

/** Asks what the reader may have forgotten: to build output that is in no repository, or to install a package. */
function question(reason: string, message: Message | undefined): string {
  const specifier = /^Could not resolve "([^"]+)"/.exec(reason)?.[1];
  if (specifier === undefined) return '';
  const unbuilt = message?.notes.some(({ text }) => text.includes('was not found on the file system')) === true;
  if (unbuilt || /(?:^|\/)(?:dist|build|out)\//.test(specifier)) return ': is it built?';
  return /^[./]/.test(specifier) ? '' : ': is it installed?';
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
