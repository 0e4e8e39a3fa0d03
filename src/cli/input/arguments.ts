import * as l10n from '@vscode/l10n';
import { InvalidArgumentError } from 'commander';
import type { Shard } from '../../core/ci/shard.js';
import { isDay } from '../../core/config/day.js';
import { refusedName } from '../../core/judge/baseline-name.js';
import { nameRefusal } from '../../core/text/baseline-name.js';
import { parseQuantity } from '../../core/language/quantity.js';
import { reporterNames, type Reporter } from './options.js';

/** Readers of what stands behind options. Each throws a sentence that says what is expected. */

/** Reads a time such as `4s` or `500 ms`; returns milliseconds. */
export function duration(text: string): number {
  const quantity = parseQuantity(text);
  if (quantity.ok && quantity.value.unit?.dimension === 'time' && quantity.value.value > 0) {
    return quantity.value.value / 1e6;
  }
  throw new InvalidArgumentError(l10n.t('Expected a time such as 4s or 500ms.'));
}

export function named(text: string): string {
  const name = text.trim();
  const refusal = refusedName(name, []);
  if (refusal === null) return name;
  throw new InvalidArgumentError(nameRefusal(name, refusal));
}

export function dated(text: string): string {
  if (isDay(text)) return text;
  throw new InvalidArgumentError(l10n.t('Expected a day such as 2026-11-21.'));
}

/** Reads a reporter such as `sarif=out.sarif`; without a file, or with -, it writes to standard output. */
export function reporterOf(text: string, before: Reporter[] = []): Reporter[] {
  const [written = '', ...rest] = text.split('=');
  const to = rest.join('=');
  const name = reporterNames.find((one) => one === written);
  if (name !== undefined && (rest.length === 0 || to !== '')) {
    return [...before, { name, to: rest.length === 0 || to === '-' ? null : to }];
  }
  throw new InvalidArgumentError(
    l10n.t`Expected one of ${reporterNames.join(', ')}, or NAME=FILE such as junit=junit.xml.`,
  );
}

/** Reads a shard such as `2/4`. */
export function part(text: string): Shard {
  const [, index, all] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (index !== undefined && all !== undefined && index >= 1 && index <= all && all <= 10_000) {
    return { index, count: all };
  }
  throw new InvalidArgumentError(l10n.t('Expected a part and the number of parts, such as 1/4.'));
}

export function times(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0 && number <= 100) return number;
  throw new InvalidArgumentError(l10n.t('Expected a number such as 1.'));
}

export function count(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError(l10n.t('Expected a number of runs such as 20.'));
}

export function commits(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0 && number <= 1_000_000) return number;
  throw new InvalidArgumentError(l10n.t('Expected a number of commits such as 50.'));
}
