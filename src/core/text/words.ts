import * as l10n from '@vscode/l10n';

/** Joins the parts of a title, leaving out those that are null or empty. */
export const joined = (...parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join(' · ');

/** Writes a message of a few words as a sentence. */
export const sentence = (words: string): string => ended(`${words.charAt(0).toUpperCase()}${words.slice(1)}`);

/** Ends a message with a full stop, unless it has an end. */
export function ended(message: string): string {
  const text = message.trim();
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** What is counted, in whole messages: other languages have other plurals. */
const counted = {
  baseline: (count) => (count === 1 ? l10n.t`${count} baseline` : l10n.t`${count} baselines`),
  'bench file': (count) => (count === 1 ? l10n.t`${count} bench file` : l10n.t`${count} bench files`),
  benchmark: (count) => (count === 1 ? l10n.t`${count} benchmark` : l10n.t`${count} benchmarks`),
  'broken budget': (count) => (count === 1 ? l10n.t`${count} broken budget` : l10n.t`${count} broken budgets`),
  budget: (count) => (count === 1 ? l10n.t`${count} budget` : l10n.t`${count} budgets`),
  commit: (count) => (count === 1 ? l10n.t`${count} commit` : l10n.t`${count} commits`),
  core: (count) => (count === 1 ? l10n.t`${count} core` : l10n.t`${count} cores`),
  error: (count) => (count === 1 ? l10n.t`${count} error` : l10n.t`${count} errors`),
  file: (count) => (count === 1 ? l10n.t`${count} file` : l10n.t`${count} files`),
  'level change': (count) => (count === 1 ? l10n.t`${count} level change` : l10n.t`${count} level changes`),
  line: (count) => (count === 1 ? l10n.t`${count} line` : l10n.t`${count} lines`),
  merge: (count) => (count === 1 ? l10n.t`${count} merge` : l10n.t`${count} merges`),
  'more budget': (count) => (count === 1 ? l10n.t`${count} more budget` : l10n.t`${count} more budgets`),
  'more problem': (count) => (count === 1 ? l10n.t`${count} more problem` : l10n.t`${count} more problems`),
  problem: (count) => (count === 1 ? l10n.t`${count} problem` : l10n.t`${count} problems`),
  project: (count) => (count === 1 ? l10n.t`${count} project` : l10n.t`${count} projects`),
  run: (count) => (count === 1 ? l10n.t`${count} run` : l10n.t`${count} runs`),
  sample: (count) => (count === 1 ? l10n.t`${count} sample` : l10n.t`${count} samples`),
  warning: (count) => (count === 1 ? l10n.t`${count} warning` : l10n.t`${count} warnings`),
} satisfies Readonly<Record<string, (count: number) => string>>;

/** `1 error`, `2 errors`. */
export const counts = (count: number, noun: keyof typeof counted): string => counted[noun](count);

/** The most of a name, in characters, that stands beside others. */
const longestName = 40;

/** Cuts a name that would push what is beside it off the line. */
export const cutName = (name: string): string => cutText(name, longestName);

/** Cuts a text to so many characters, the last of which is then an ellipsis. */
export function cutText(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length <= most
    ? text
    : `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

/** `just now`, `5 min ago`, `3 h ago`, `2 d ago`; after a month, the date. Both are in milliseconds since the epoch. */
export function ago(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return l10n.t('just now');
  if (minutes < 60) return l10n.t`${minutes} min ago`;
  if (minutes < 48 * 60) return l10n.t`${Math.floor(minutes / 60)} h ago`;
  if (minutes < 31 * 24 * 60) return l10n.t`${Math.floor(minutes / (24 * 60))} d ago`;
  return new Date(at).toISOString().slice(0, 10);
}

/** Names the machine of a run's figures: `here`, the beginning of another machine's id, `import:go`. */
export const machineName = (machine: string | null, here: boolean): string =>
  here ? l10n.t('here') : (machine?.replace(/^[0-9a-f]{16}$/, (id) => id.slice(0, 7)) ?? '–');

/** `1a2b3c4`, `1a2b3c4 + changes`; `–` without git. */
export function commitName(commit: string | null, dirty: boolean): string {
  const short = commit?.slice(0, 7) ?? '–';
  return commit !== null && dirty ? l10n.t`${short} + changes` : short;
}
