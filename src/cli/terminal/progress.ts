import * as l10n from '@vscode/l10n';
import process from 'node:process';
import cliProgress from 'cli-progress';
import { visibleLine } from '../../core/text/escape.js';
import { timeLeft } from '../../core/text/terminal.js';
import { comparedWords } from '../../core/text/bisect.js';
import type { BisectProgress } from '../../engine/bisect/request.js';
import type { BackfillProgress } from '../../engine/project/backfill.js';

/** A progress bar on standard error; shows nothing if that is not a terminal. */
export class Progress {
  #bar: cliProgress.SingleBar | null = null;

  show(done: number, total: number, about: string, doing = l10n.t('measuring')): void {
    if (!process.stderr.isTTY) return;
    const what = visibleLine(about);
    if (this.#bar === null) {
      this.#bar = new cliProgress.SingleBar({
        format: l10n.t('{doing} {bar} {value} of {total}  {what}'),
        barCompleteChar: '█',
        barIncompleteChar: '░',
        barsize: 24,
        clearOnComplete: true,
        hideCursor: true,
        linewrap: false,
        stream: process.stderr,
        // We handle Ctrl-C ourselves.
        gracefulExit: false,
      });
      this.#bar.start(total, done, { what, doing });
    } else {
      this.#bar.setTotal(total);
      this.#bar.update(done, { what, doing });
    }
  }

  hide(): void {
    this.#bar?.stop();
    this.#bar = null;
  }

  /** Returns a listener that shows how far a backfill is and how much time is left. */
  backfilling(where: string): (progress: BackfillProgress) => void {
    return (progress) => {
      const { kind, done, total } = progress;
      if (kind === 'looking') this.show(done, total, where, l10n.t('looking at commits'));
      else this.show(done, total, where + (progress.leftMs === null ? '' : timeLeft(progress.leftMs)));
    };
  }

  /** Returns a listener that shows how far a bisection is, and which commit it compares. */
  bisecting(): (progress: BisectProgress) => void {
    return (progress) => {
      const { kind, commit, done } = progress;
      if (kind === 'explaining') this.show(done, done, comparedWords(commit, false), l10n.t('explaining'));
      else this.show(done, done + progress.left, comparedWords(commit, progress.isLonger), l10n.t('comparing'));
    };
  }
}
