import { interruption, type CheckDocument } from './document.js';
import { causeLines } from '../../text/cause.js';
import { visible } from '../../text/escape.js';
import { notices, type Loudness } from './notices.js';

const commands: Readonly<Record<Loudness, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/**
 * Renders what is wrong as annotations of a GitHub Actions run, a line each: `::error file=…,line=…,col=…,title=…::message`.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function githubReport(document: CheckDocument, strict: boolean): string {
  const interrupted = interruption(document);
  const last = interrupted === null ? '' : `::error title=perf-budget::${data(interrupted)}\n`;
  const lines = notices(document, strict)
    .map(({ kind, title, message, place, causes }) => {
      const at = place === null ? [] : [`file=${property(place.file)}`, `line=${place.line}`, `col=${place.column}`];
      // An annotation has as many lines as it needs, but a run shows only ten of a kind.
      const text = [message, ...(causes === null ? [] : causeLines(causes))].join('\n');
      return `::${commands[kind]} ${[...at, `title=${property(title)}`].join(',')}::${data(text)}\n`;
    })
    .join('');
  return lines + last;
}

/** Escapes the message as @actions/core does (packages/core/src/command.ts). */
const data = (text: string): string =>
  visible(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
