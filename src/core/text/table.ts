import * as l10n from '@vscode/l10n';

/** The sentences of a language by the English ones, as in `media/l10n/bundle.l10n.json`; what is missing stays English. */
export type Table = Readonly<Record<string, string>>;

let used: Table = {};

/**
 * Says everything in another language from now on. The editor hands over VS Code's table when it is activated, and to the engine's
 * thread when that starts. The command line has none to choose from yet, so it never calls this: what scripts read, `--json`, names of
 * verdicts and exit codes, is the same in every language.
 */
export function useTable(table: Table | undefined): void {
  used = table ?? {};
  l10n.config({ contents: used });
}

/** The table that is used, to hand it to another thread. */
export const usedTable = (): Table => used;
