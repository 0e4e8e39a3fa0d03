import * as l10n from '@vscode/l10n';
import { longestName, type NameRefusal } from '../judge/baseline-name.js';
import { unreachable } from '../result.js';

/** Returns why a baseline cannot have this name, in one sentence. */
export function nameRefusal(name: string, refusal: NameRefusal): string {
  switch (refusal.kind) {
    case 'empty':
      return l10n.t('A baseline needs a name, such as v3.0.0.');
    case 'too-long':
      return l10n.t`A baseline’s name has at most ${longestName} characters; this one has ${refusal.length}.`;
    case 'unseen':
      return l10n.t('A baseline’s name cannot contain characters that cannot be seen.');
    case 'character':
      return l10n.t`A baseline’s name cannot contain ${refusal.part}, which file names or Git do not allow.`;
    case 'begins':
      return l10n.t`A baseline’s name cannot begin with ${partWords(refusal.part)}.`;
    case 'ends':
      return l10n.t`A baseline’s name cannot end with ${partWords(refusal.part)}.`;
    case 'word':
      return refusal.word === 'auto'
        ? l10n.t('A baseline cannot be named auto, which means the current baseline.')
        : l10n.t('A baseline cannot be named none, which means no captured baseline.');
    case 'revision':
      return l10n.t`A baseline cannot be named ${name}, because that is ${revisionWords[refusal.of]()} in Git. Choose a name such as v3.0.0.`;
    case 'device':
      return l10n.t`A baseline cannot be named ${name}, because Windows reserves that name for a device.`;
    case 'case':
      return l10n.t`There is a baseline ${refusal.other}, and Windows and macOS take ${name} for the same name.`;
    default:
      return unreachable(refusal);
  }
}

const revisionWords = {
  'last commit': () => l10n.t('the last commit'),
  commit: () => l10n.t('a commit'),
  branch: () => l10n.t('a branch'),
} as const;

const partWords = (part: string): string => (part.trim() === '' ? l10n.t('a space') : part);

/** Says that a capture would replace a baseline; `day` is when that was captured. */
export const takenName = (name: string, day: string): string =>
  l10n.t`There is a baseline ${name} already, captured on ${day}.`;
