import fc from 'fast-check';
import { lexer, type Token } from 'marked';
import { describe, expect, test } from 'vitest';
import { escapeLabel, escapeMarkup, escapeUri, jsonText, visible, visibleLine } from '../../../src/core/text/escape.js';
import {
  codeCell,
  commandLink,
  github,
  markdown,
  paragraphs,
  picture,
  prose,
  table,
} from '../../../src/core/text/markdown.js';
import { hostile } from './hostile.js';

/** Every control and every change of direction, but not tabs and line feeds. */
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff\p{Cs}]/u; // eslint-disable-line no-control-regex

const always = (property: (text: string) => void): void => fc.assert(fc.property(hostile, property), { numRuns: 1000 });

/** The kinds of all tokens, and the text that a reader sees, of Markdown as VS Code's own parser reads it. */
function read(source: string): {
  readonly kinds: ReadonlySet<string>;
  readonly text: string;
  readonly links: readonly string[];
} {
  const kinds = new Set<string>();
  const links: string[] = [];
  const textOf = (tokens: readonly Token[]): string =>
    tokens
      .map((token) => {
        kinds.add(token.type);
        if (token.type === 'link' || token.type === 'image') links.push(token.href as string);
        if (token.type === 'table') {
          const { header, rows } = token as { header: { tokens: Token[] }[]; rows: { tokens: Token[] }[][] } & Token;
          return [header, ...rows].map((cells) => cells.map(({ tokens: cell }) => textOf(cell)).join('\n')).join('\n');
        }
        if (token.type === 'image') return '';
        if ('tokens' in token) return textOf(token.tokens ?? []);
        return 'text' in token ? (token.text as string) : '\n';
      })
      .join('');
  return { text: textOf(lexer(source)), kinds, links };
}

/**
 * Readers see one space where there are several, and none at the ends. The parser takes every white space of Unicode from the ends
 * of a table's cell, as `trim` does.
 */
const seen = (text: string): string => text.replaceAll(/[ \n]+/g, ' ').trim();

const harmless = ['paragraph', 'text', 'escape', 'space', 'table'];

describe('text of others stays text', () => {
  test('nothing is invisible, and what is visible already stays as it is', () => {
    always((text) => {
      expect(visible(text)).not.toMatch(control);
      expect(visibleLine(text)).not.toMatch(/[\t\n]/);
      expect(visible(visible(text))).toBe(visible(text));
      if (!control.test(text)) expect(visible(text)).toBe(text);
    });
    expect(visible('\u001b[2Ja\u001b[31mred\u001b[0m\u202eb\r\nc\rd\ud800')).toBe(
      String.raw`\x1b[2Jared\u202eb` + '\nc\\rd\\ud800',
    );
  });

  test('in Markdown of a hover it makes no link, no picture, no HTML and no other cell', () => {
    always((text) => {
      const source = paragraphs([
        markdown`before ${text} after`,
        markdown`${text}`,
        markdown`**name**\n${text}`,
        table(['head', 'other'], [[text, 'end']]),
      ]);
      const { kinds, text: found, links } = read(source.text);
      expect(links).toEqual([]);
      expect([...kinds].filter((kind) => !harmless.includes(kind))).toEqual(['strong']);
      const name = visibleLine(text);
      expect(seen(found)).toBe(
        seen(
          [
            `before ${name} after`,
            name,
            `name\n${name}`,
            'head &nbsp; other &nbsp;',
            `${name.trimStart()} &nbsp; end &nbsp;`,
          ].join('\n'),
        ),
      );
    });
  });

  test('as code in a cell it is the same text, and nothing else', () => {
    always((text) => {
      const { kinds, text: found, links } = read(table(['head', 'other'], [[codeCell(text), 'end']]).text);
      expect(links).toEqual([]);
      expect([...kinds].filter((kind) => !['codespan', ...harmless].includes(kind))).toEqual([]);
      expect(seen(found)).toBe(seen(`head &nbsp; other &nbsp;\n${visibleLine(text).trim()} &nbsp; end &nbsp;`));
    });
    expect(codeCell('a || b[`${c}`]').text).toBe('`` a \\|\\| b[`${c}`] ``');
    expect(codeCell(String.raw`/a\|b/`).text).toBe(String.raw`/a\\\|b/`);
  });

  test('as a sentence with code it is the same text, and nothing else', () => {
    always((text) => {
      const { kinds, text: found, links } = read(prose(text).text);
      expect(links).toEqual([]);
      expect([...kinds].filter((kind) => !['codespan', ...harmless].includes(kind))).toEqual([]);
      expect(seen(found).replaceAll(/[` ]/g, '')).toBe(seen(visibleLine(text)).replaceAll(/[` ]/g, ''));
    });
    expect(prose('`a[b]` is *not* `c`.').text).toBe('`a[b]` is \\*not\\* `c`\\.');
  });

  test('in Markdown of GitHub it also mentions nobody, refers to nothing, and makes no emoji', () => {
    const apart = /\u200b/g;
    always((text) => {
      const source = github`before ${text} after\n${text}\n\n| head |\n| --- |\n| ${text} |\n`;
      const { kinds, text: found, links } = read(source.text);
      expect(links).toEqual([]);
      expect([...kinds].filter((kind) => !harmless.includes(kind))).toEqual([]);
      expect(found).not.toMatch(/@\w|#\d|\bGH-\d|:(?:tada|100):/i);
      const name = visibleLine(text).replaceAll(apart, '');
      expect(seen(found.replaceAll(apart, ''))).toBe(seen(`before ${name} after\n${name}\nhead\n${name.trim()}`));
    });
  });

  test('a link in a hover runs its command with exactly its arguments', () => {
    always((text) => {
      const args = [{ root: text, budget: text }, 'entry'];
      const source = markdown`**x** ${commandLink(text || 'x', 'perfBudget.goTo', args)} · ${picture(text, 'data:image/svg+xml,x')}`;
      const { links, kinds } = read(source.text);
      expect([...kinds].filter((kind) => !harmless.includes(kind))).toEqual(['strong', 'link', 'image']);
      expect(links[1]).toBe('data:image/svg+xml,x');
      // VS Code decodes once as the query of a URI, and once more before it reads the JSON, if it can.
      const [command, query = ''] = (links[0] ?? '').split('?');
      expect(command).toBe('command:perfBudget.goTo');
      const decoded = decodeURIComponent(query);
      expect(decodeURIComponent(decoded)).toBe(decoded);
      expect(JSON.parse(decoded)).toEqual(JSON.parse(jsonText(args)));
    });
  });

  test('in a lens, a list or a notification it is no icon and no link', () => {
    always((text) => {
      const label = escapeLabel(text);
      expect(label).not.toMatch(/\$\([\w~-]*\)|\]\(|[\t\n]/);
      expect(label.replaceAll('\u200b', '')).toBe(visibleLine(text).replaceAll('\u200b', ''));
    });
  });

  test('in XML and HTML it has no markup', () => {
    always((text) => {
      expect(escapeMarkup(text)).not.toMatch(/[<>"]|&(?!amp;|lt;|gt;|quot;)/);
      expect(escapeMarkup(text)).not.toMatch(control);
    });
  });

  test('in JSON it is the same, and nothing that a strict reader refuses or a terminal obeys', () => {
    always((text) => {
      const written = jsonText({ [text]: [text] });
      const whole = text.replaceAll(/\p{Cs}/gu, '\ufffd');
      expect(JSON.parse(written)).toEqual({ [whole]: [whole] });
      expect(written).not.toMatch(/[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/); // eslint-disable-line no-control-regex
    });
    expect(jsonText(String.raw`\ud800`)).toBe(String.raw`"\\ud800"`);
  });

  test('in a URL it ends nothing', () => {
    always((text) => {
      expect(escapeUri(text)).toMatch(/^[\w.~%-]*$/);
      expect(decodeURIComponent(escapeUri(text))).toBe(text.replaceAll(/\p{Cs}/gu, '\ufffd'));
    });
  });
});
