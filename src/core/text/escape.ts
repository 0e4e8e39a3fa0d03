/**
 * Names, units, messages, commits and paths come from others: from a repository, a note, a document, a thrown error. Here is how
 * they stay text in every medium, one function per medium; what a terminal needs besides is in `requests/lines` and `cli/terminal`.
 */

/** Controls but tabs and line feeds; separators and overrides that change how the rest of a line reads; what UTF-8 and XML lack. */
const unseen = /(?![\t\n])\p{Cc}|[\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff\p{Cs}]/gu;

/** The colours that tools put into their messages. */
// eslint-disable-next-line no-control-regex -- A colour begins with this control character.
const colour = /\x1b\[[\d;:]*m/g;

/** `\x1b`, `\u202e`: as JavaScript writes it. */
function escaped(character: string): string {
  const code = character.charCodeAt(0);
  if (character === '\r') return String.raw`\r`;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
}

/** Writes what cannot be seen as an escape, and leaves out colours. Tabs and line breaks stay. */
export const visible = (text: string): string =>
  text.replaceAll(colour, '').replaceAll('\r\n', '\n').replaceAll(unseen, escaped);

/** The same on one line: line breaks and what surrounds them become a space. */
export const visibleLine = (text: string): string =>
  visible(text).replaceAll(/[\t\n ]+/g, (space) => (/^ *$/.test(space) ? space : ' '));

/** Escapes text for XML, SVG and HTML, also inside double quotes. */
export const escapeMarkup = (text: string): string =>
  visible(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * Escapes text for VS Code's lenses, lists and notifications, on one line: `$(name)` would become an icon and `[text](command:…)` a
 * link. They know no escapes, but a space of no width keeps the characters apart.
 */
export const escapeLabel = (text: string): string =>
  visibleLine(text).replaceAll('$(', '$\u200b(').replaceAll('](', ']\u200b(');

/** Encodes text for a part of a URL, also within Markdown's parentheses and in quotes. */
export const escapeUri = (text: string): string =>
  encodeURIComponent(text.replaceAll(/\p{Cs}/gu, '\ufffd')).replaceAll(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16)}`,
  );

/**
 * Writes JSON that any reader takes and any terminal may show: what cannot be seen is written as an escape. Half of a surrogate
 * pair, which strict readers refuse, becomes U+FFFD.
 */
export const jsonText = (value: unknown, space?: number): string =>
  JSON.stringify(value, null, space)
    // JSON.stringify wrote halves of pairs as escapes, so what is left of them are those; a backslash before one is text.
    .replaceAll(/\\(?:ud[89a-f]..|.)/g, (escape) => (escape.startsWith(String.raw`\ud`) ? String.raw`\ufffd` : escape))
    .replaceAll(
      /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
      (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

/** Source text in a language, in which everything that is not ours is escaped. */
export class Source<Language extends string> {
  constructor(
    readonly language: Language,
    readonly text: string,
  ) {}
}

/** What a template of a language takes: text, which it escapes, and parts in the language, which it takes as they are. */
export type Hole<Language extends string> = string | number | Source<Language> | readonly Source<Language>[];

/** A tag for templates in a language, so that nobody can forget to escape. */
export interface Template<Language extends string> {
  (literals: TemplateStringsArray, ...holes: readonly Hole<Language>[]): Source<Language>;
  /** Joins parts; separators are ours. */
  readonly join: (parts: readonly Source<Language>[], separator: string) => Source<Language>;
  /** Fills the places `{0}`, `{1}` of a sentence of ours, which may be in another language. */
  readonly filled: (sentence: string, ...holes: readonly Hole<Language>[]) => Source<Language>;
  /** Takes text that is ours as it is. */
  readonly trusted: (text: string) => Source<Language>;
}

export function template<Language extends string>(
  language: Language,
  escape: (text: string) => string,
): Template<Language> {
  const trusted = (text: string): Source<Language> => new Source(language, text);
  const write = (hole: Hole<Language>): string => {
    if (typeof hole === 'string') return escape(hole);
    if (typeof hole === 'number') return String(hole);
    return hole instanceof Source ? hole.text : hole.map(({ text }) => text).join('');
  };
  const tag = (literals: TemplateStringsArray, ...holes: readonly Hole<Language>[]): Source<Language> =>
    trusted(literals.reduce((text, literal, index) => text + write(holes[index - 1] ?? '') + literal));
  const join = (parts: readonly Source<Language>[], separator: string): Source<Language> =>
    trusted(parts.map(({ text }) => text).join(separator));
  const filled = (sentence: string, ...holes: readonly Hole<Language>[]): Source<Language> =>
    trusted(sentence.replaceAll(/\{(\d+)\}/g, (_, at: string) => write(holes[Number(at)] ?? '')));
  return Object.assign(tag, { join, filled, trusted });
}

/** XML, SVG and HTML. */
export type Markup = Source<'markup'>;
export const markup = template('markup', escapeMarkup);
