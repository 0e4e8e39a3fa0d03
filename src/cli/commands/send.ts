import * as l10n from '@vscode/l10n';
import process from 'node:process';
import { err, ok, type Result } from '../../core/result.js';

/** The default of OpenTelemetry's exporters (OTEL_EXPORTER_OTLP_TIMEOUT, in milliseconds). */
const usualTimeoutMs = 10_000;

/**
 * Posts an export request to an OTLP/HTTP endpoint, to `/v1/metrics` if the address has no path. The error says why in a few
 * words. Rejects if `signal` aborts.
 */
export async function sendMetrics(to: string, body: string, signal: AbortSignal): Promise<Result<null, string>> {
  const url = URL.parse(to);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return err('it must be a URL such as http://localhost:4318/v1/metrics');
  }
  if (url.pathname === '/') url.pathname = '/v1/metrics';
  const timeoutMs = Number(process.env['OTEL_EXPORTER_OTLP_TIMEOUT'] ?? usualTimeoutMs) || usualTimeoutMs;
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { ...askedHeaders(), 'content-type': 'application/json' },
      // The figures go where the user says, and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const answer = await response.text();
    if (response.ok) return refused(answer);
    const words = answer.trim().split('\n', 1)[0]?.slice(0, 200) ?? '';
    return err(
      l10n.t`the server answered ${response.status} ${response.statusText}`.trim() + (words === '' ? '' : `: ${words}`),
    );
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Error && error.name === 'TimeoutError') return err(l10n.t`no answer in ${timeoutMs / 1000} s`);
    return err(whyUnsent(error));
  }
}

/** Reads `OTEL_EXPORTER_OTLP_HEADERS` as every exporter does; it holds the key of an account. */
function askedHeaders(): Record<string, string> {
  const pairs = (process.env['OTEL_EXPORTER_OTLP_HEADERS'] ?? '').split(',').map((pair) => pair.split('='));
  return Object.fromEntries(
    pairs.flatMap(([name = '', ...value]) =>
      name.trim() === '' ? [] : [[name.trim(), decodeURIComponent(value.join('=').trim())]],
    ),
  );
}

/** Returns an error if the receiver accepted the request but refused a part of it. */
function refused(answer: string): Result<null, string> {
  try {
    const { partialSuccess = {} } = JSON.parse(answer) as {
      partialSuccess?: { rejectedDataPoints?: string | number; errorMessage?: string };
    };
    const count = Number(partialSuccess.rejectedDataPoints ?? 0);
    return count > 0
      ? err(l10n.t`the server rejected ${count} figures: ${partialSuccess.errorMessage ?? l10n.t('no reason given')}`)
      : ok(null);
  } catch {
    // Many receivers answer with an empty body.
    return ok(null);
  }
}

function whyUnsent(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  if (code === 'ECONNREFUSED') return l10n.t('connection refused');
  if (code === 'ENOTFOUND') return l10n.t('host not found');
  return cause instanceof Error ? cause.message : String(cause);
}
