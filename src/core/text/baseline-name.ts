import { longestName, type NameRefusal } from '../judge/baseline-name.js';
import { unreachable } from '../result.js';

/** Returns why a baseline cannot have this name, in one sentence. */
export function nameRefusal(name: string, refusal: NameRefusal): string {
  switch (refusal.kind) {
    case 'empty':
      return 'A baseline needs a name, such as v3.0.0.';
    case 'too-long':
      return `A baseline’s name has at most ${longestName} characters; this one has ${refusal.length}.`;
    case 'unseen':
      return 'A baseline’s name cannot contain characters that cannot be seen.';
    case 'character':
      return `A baseline’s name cannot contain ${refusal.part}, which file names or Git do not allow.`;
    case 'begins':
      return `A baseline’s name cannot begin with ${partWords(refusal.part)}.`;
    case 'ends':
      return `A baseline’s name cannot end with ${partWords(refusal.part)}.`;
    case 'word':
      return refusal.word === 'auto'
        ? 'A baseline cannot be named auto, which means the current baseline.'
        : 'A baseline cannot be named none, which means no captured baseline.';
    case 'revision':
      return `A baseline cannot be named ${name}, because that is ${revisionWords[refusal.of]} in Git. Choose a name such as v3.0.0.`;
    case 'device':
      return `A baseline cannot be named ${name}, because Windows reserves that name for a device.`;
    case 'case':
      return `There is a baseline ${refusal.other}, and Windows and macOS take ${name} for the same name.`;
    default:
      return unreachable(refusal);
  }
}

const revisionWords = { 'last commit': 'the last commit', commit: 'a commit', branch: 'a branch' } as const;

const partWords = (part: string): string => (part.trim() === '' ? 'a space' : part);

/** Says that a capture would replace a baseline; `day` is when that was captured. */
export const takenName = (name: string, day: string): string =>
  `There is a baseline ${name} already, captured on ${day}.`;
