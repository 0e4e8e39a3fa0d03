/** Joins the parts of a title, leaving out those that are null or empty. */
export const joined = (...parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join(' · ');

/** `1 error`, `2 errors`. */
export function counts(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

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
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 31 * 24 * 60) return `${Math.floor(minutes / (24 * 60))} d ago`;
  return new Date(at).toISOString().slice(0, 10);
}

/** Names the machine of a run's figures: `here`, the beginning of another machine's id, `import:go`. */
export const machineName = (machine: string | null, here: boolean): string =>
  here ? 'here' : (machine?.replace(/^[0-9a-f]{16}$/, (id) => id.slice(0, 7)) ?? '–');

/** `1a2b3c4`, `1a2b3c4 + changes`; `–` without git. */
export function commitName(commit: string | null, dirty: boolean): string {
  return commit === null ? '–' : commit.slice(0, 7) + (dirty ? ' + changes' : '');
}
