import type { Log, Result as SarifResult } from 'sarif';
import { interruption, type CheckDocument } from './document.js';
import { escapeUri, jsonText, visible } from '../../text/escape.js';
import { notices, type Notice } from './notices.js';

const rules = [
  { id: 'over-budget', text: 'A benchmark is over its performance budget.' },
  { id: 'not-measured', text: 'A benchmark could not be measured.' },
  { id: 'undecided', text: 'The figures are too uncertain to tell whether a performance budget holds.' },
  { id: 'problem', text: 'A perf-budget.jsonc or a bench file has a mistake.' },
] as const;

type RuleId = (typeof rules)[number]['id'];

/**
 * Renders SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/) for code scanning: one result for each thing that is
 * wrong. The fingerprint is the budget, not its place, so that an alert stays the same when the code moves.
 */
export function sarifReport(document: CheckDocument, strict: boolean, version: string): string {
  const interrupted = interruption(document);
  const log: Log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'perf-budget',
            semanticVersion: version,
            rules: rules.map(({ id, text }) => ({ id, shortDescription: { text } })),
          },
        },
        ...(interrupted !== null && {
          invocations: [
            {
              executionSuccessful: false,
              toolExecutionNotifications: [{ level: 'error', message: { text: interrupted } }],
            },
          ],
        }),
        columnKind: 'utf16CodeUnits',
        results: notices(document, strict).map(resultOf),
      },
    ],
  };
  return `${jsonText(log, 2)}\n`;
}

function resultOf(notice: Notice): SarifResult {
  const { kind, message, place, budget } = notice;
  const ruleId = ruleOf(notice);
  const waived = budget?.waived;
  return {
    ruleId,
    ruleIndex: rules.findIndex(({ id }) => id === ruleId),
    level: kind,
    message: { text: plain(message) },
    locations:
      place === null
        ? []
        : [
            {
              physicalLocation: {
                artifactLocation: { uri: uri(place.file) },
                region: { startLine: place.line, startColumn: place.column },
              },
            },
          ],
    ...(budget !== null && { partialFingerprints: { 'budget/v1': budget.name } }),
    ...(waived !== undefined && {
      suppressions: [
        { kind: 'external', status: 'accepted', justification: `${waived.reason} (until ${waived.until})` },
      ],
    }),
  };
}

function ruleOf({ budget }: Notice): RuleId {
  if (budget === null) return 'problem';
  if (budget.verdict === 'error') return 'not-measured';
  return budget.verdict === 'undecided' ? 'undecided' : 'over-budget';
}

/** Makes a path a relative reference: escapes spaces and umlauts, keeps slashes. */
const uri = (file: string): string => file.split('/').map(escapeUri).join('/');

/** Escapes a message in which `[text](1)` would be a link (SARIF 2.1.0, 3.11.6). */
const plain = (message: string): string => visible(message).replaceAll(/\[(?=[^\]]*\]\()|\](?=\()/g, String.raw`\$&`);
