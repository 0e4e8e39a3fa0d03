import * as l10n from '@vscode/l10n';
import { unreachable } from '../result.js';
import { counts } from './words.js';

/** A bench file (`name` is null) or a benchmark that `init` proposes no budget for. */
export interface PassedOver {
  readonly file: string;
  readonly name: string | null;
  readonly kind:
    | 'failed' // `message` says why it did not load or run
    | 'partly' // a suite or test of it threw, `message`
    | 'empty' // it has no benchmarks
    | 'long' // one call takes too long, `message`
    | 'ignored' // it reaches only files that git ignores
    | 'fixed'; // it reaches only packages, or code of the bench file
  readonly message?: string;
}

const listed = 6;

/** Returns one sentence for each kind of benchmark that was passed over, and one for each failure, without a full stop. */
export function passedOverWords(all: readonly PassedOver[]): readonly string[] {
  const alike = new Map<string, PassedOver[]>();
  for (const one of all) {
    const isAlone = one.kind === 'failed' || one.kind === 'partly' || one.name === null;
    const key = isAlone ? `${one.kind} ${one.file} ${one.message ?? ''}` : one.kind;
    alike.set(key, [...(alike.get(key) ?? []), one]);
  }
  return Array.from(alike.values(), (group) => words(group));
}

function words(group: readonly PassedOver[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const names = group.flatMap(({ name }) => name ?? []);
  const shown = `${names.slice(0, listed).join(', ')}${names.length > listed ? ', …' : ''}`;
  const count = counts(group.length, 'benchmark');
  switch (first.kind) {
    case 'failed':
      return about(first.file, `${names.length === 0 ? '' : `${shown}: `}${first.message ?? ''}`);
    case 'partly':
      return about(first.file, first.message ?? '');
    case 'empty':
      return l10n.t`${first.file}: it has no benchmarks`;
    case 'long':
      return group.length === 1
        ? l10n.t`${count} takes too long to compare on every save, ${first.message ?? ''} a call: ${shown}`
        : l10n.t`${count} take too long to compare on every save, ${first.message ?? ''} a call: ${shown}`;
    case 'ignored':
      return group.length === 1
        ? l10n.t`${count} reaches only files that git ignores, so both sides would run the same copy: ${shown}`
        : l10n.t`${count} reach only files that git ignores, so both sides would run the same copy: ${shown}`;
    case 'fixed':
      return group.length === 1
        ? l10n.t`${count} reaches no code of this repository, so no change can affect it: ${shown}`
        : l10n.t`${count} reach no code of this repository, so no change can affect them: ${shown}`;
    default:
      return unreachable(first.kind);
  }
}

/** Returns a message on one line, without a full stop. Adds the file unless the message begins with it. */
function about(file: string, message: string): string {
  const line = message.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, '');
  return line.startsWith(file) ? line : `${file}: ${line}`;
}
