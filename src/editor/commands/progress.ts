import * as vscode from 'vscode';
import { escapeLabel } from '../../core/text/escape.js';
import type { Session } from '../session/session.js';

/** Work that is faster than this needs no notification. */
const patienceMs = 1000;

/**
 * Does `work`; if it takes longer than a second, shows a notification with a way to cancel it, and with the progress of what is measured,
 * unless `measures` is false: a run that is under way is then another's.
 */
export async function whenSlow<T>(
  session: Session,
  title: string,
  work: (signal: AbortSignal) => Promise<T>,
  { measures = true } = {},
): Promise<T> {
  const controller = new AbortController();
  const done = work(controller.signal);
  let timer: NodeJS.Timeout | undefined;
  const slow = new Promise<'slow'>((resolve) => {
    timer = setTimeout(() => resolve('slow'), patienceMs);
  });
  const first = await Promise.race([done.then(() => 'done' as const), slow]).finally(() => clearTimeout(timer));
  if (first === 'done') return done;

  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: escapeLabel(title), cancellable: true },
    async (progress, token) => {
      const report = (): void => {
        if (!measures) return;
        const running = session.projects.flatMap(({ snapshot }) => snapshot.progress ?? []);
        const count = (of: 'done' | 'total'): number => running.reduce((sum, part) => sum + part[of], 0);
        if (running.length > 0)
          progress.report({ message: vscode.l10n.t('{0} of {1}', count('done'), count('total')) });
      };
      const listeners = vscode.Disposable.from(
        session.onDidChange(report),
        token.onCancellationRequested(() => controller.abort()),
      );
      report();
      try {
        return await done;
      } finally {
        listeners.dispose();
      }
    },
  );
}

/** Waits for work that cannot be cancelled, but no longer than until `signal`; null if that came first. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const aborted = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  return Promise.race([work, aborted]);
}
