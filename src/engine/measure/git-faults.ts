import * as l10n from '@vscode/l10n';
import type { Problem } from '../../core/problem.js';
import { withRepair } from '../git/repair.js';
import type { GitError } from '../git/repository.js';

/** What Git could not do since the last run began, as problems of the configuration. */
export class GitFaults {
  #failure: GitError | null = null;
  #unplaced: GitError | null = null;

  constructor(
    readonly configFile: string,
    /** Why a repository that is there could not be opened; null if it could, or if there is none. */
    readonly unopened: string | null,
  ) {}

  /** Git cannot read the repository, so that nothing can be compared with old code. */
  failed(error: GitError): void {
    this.#failure = error;
  }

  /** Git could not say on which commit something was measured. */
  unplaced(error: GitError): void {
    this.#unplaced = error;
  }

  /** Forgets what happened: the repository may have been repaired. */
  forget(): void {
    this.#failure = null;
    this.#unplaced = null;
  }

  /** Why Git cannot read the repository, with the way out; null if it can, or if there is none. */
  get broken(): string | null {
    if (this.#failure === null) return this.unopened;
    const { message } = this.#failure;
    return l10n.t`Git cannot read the repository, so nothing was compared with old code: ${withRepair(message)}`;
  }

  /** What did not keep anything from being compared. */
  get warnings(): readonly Problem[] {
    if (this.#unplaced === null || this.#failure !== null) return [];
    const { message } = this.#unplaced;
    const words = l10n.t`Git could not say what is committed, so these results are kept without their commit: ${withRepair(message)}`;
    return [{ ...problemIn(this.configFile, words), warning: true }];
  }
}

/** Returns a problem of a whole file. */
export function problemIn(file: string, message: string): Problem {
  const start = { line: 1, column: 1 };
  return { location: { file, start, end: start }, message };
}
