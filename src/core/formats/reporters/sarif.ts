import type { Location as SarifLocation, Log, Result as SarifResult } from 'sarif';
import { interruption, type CheckDocument } from './document.js';
import { causeLine, type CausesText } from '../../text/cause.js';
import type { Cause } from '../../results/causes.js';
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
  const { kind, message, place, budget, causes } = notice;
  const ruleId = ruleOf(notice);
  const waived = budget?.waived;
  return {
    ruleId,
    ruleIndex: rules.findIndex(({ id }) => id === ruleId),
    level: kind,
    message: { text: [plain(message), ...(causes === null ? [] : linkedLines(causes))].join('\n') },
    locations: place === null ? [] : [{ physicalLocation: physical(place) }],
    ...(causes !== null && { relatedLocations: relatedLocations(causes) }),
    ...(budget !== null && { partialFingerprints: { 'budget/v1': budget.name } }),
    ...(waived !== undefined && {
      suppressions: [
        { kind: 'external', status: 'accepted', justification: `${waived.reason} (until ${waived.until})` },
      ],
    }),
  };
}

type PhysicalLocation = NonNullable<SarifLocation['physicalLocation']>;

/** The place of a function may be known only to its file. */
const physical = ({
  file,
  line,
  column,
}: Pick<Cause, 'line' | 'column'> & { readonly file: string }): PhysicalLocation => ({
  artifactLocation: { uri: uri(file) },
  ...(line !== null && { region: { startLine: line, ...(column !== null && { startColumn: column }) } }),
});

/** Returns the places of the causes. GitHub shows those to which the message links by their `id`. */
const relatedLocations = ({ causes }: CausesText): SarifLocation[] =>
  causes.flatMap(({ cause: { file, line, column }, words }, index) =>
    file === null
      ? []
      : [
          {
            id: index + 1,
            physicalLocation: physical({ file, line, column }),
            message: { text: plain(causeLine({ ...words, place: null })) },
          },
        ],
  );

/** Returns the lines of the causes, in which each place is a link to its related location. */
const linkedLines = ({ causes, more, note }: CausesText): readonly string[] => [
  ...causes.flatMap(({ words }, index) => [
    plain(causeLine({ ...words, place: null })) + (words.place === null ? '' : `, ${link(words.place, index + 1)}`),
    ...words.reasons.map((reason) => `  ${plain(reason)}`),
  ]),
  ...[more, note].flatMap((line) => (line === null ? [] : [plain(line)])),
];

/** Links to a related location (SARIF 2.1.0, 3.11.6). */
const link = (text: string, id: number): string => `[${visible(text).replaceAll(/[[\\\]]/g, String.raw`\$&`)}](${id})`;

function ruleOf({ budget }: Notice): RuleId {
  if (budget === null) return 'problem';
  if (budget.verdict === 'error') return 'not-measured';
  return budget.verdict === 'undecided' ? 'undecided' : 'over-budget';
}

/** Makes a path a relative reference: escapes spaces and umlauts, keeps slashes. */
const uri = (file: string): string => file.split('/').map(escapeUri).join('/');

/** Escapes a message in which `[text](1)` would be a link (SARIF 2.1.0, 3.11.6). */
const plain = (message: string): string => visible(message).replaceAll(/\[(?=[^\]]*\]\()|\](?=\()/g, String.raw`\$&`);
