import * as l10n from '@vscode/l10n';
import type { Range } from '../problem.js';
import { matchEnd, skipSpaces, type TextProblem } from './quantity.js';

/** Walks through the text of one check. A read that fails sets `problem` and returns null. */
export class Scanner {
  at = 0;
  problem: TextProblem = { range: { start: 0, end: 0 }, message: '' };

  constructor(readonly text: string) {}

  skipSpaces(): void {
    this.at = skipSpaces(this.text, this.at);
  }

  /** Consumes what `pattern` (sticky) matches here; returns an empty range if it matches nothing. */
  take(pattern: RegExp): Range {
    const start = this.at;
    this.at = matchEnd(pattern, this.text, start);
    return { start, end: this.at };
  }

  /** Returns the range from here to the end, without trailing white space. */
  rest(): Range {
    const end = this.text.trimEnd().length;
    return { start: Math.min(this.at, end), end };
  }

  slice({ start, end }: Range): string {
    return this.text.slice(start, end);
  }

  fail(range: Range, message: string, suggestion: string | null = null): null {
    this.problem = { range, message, ...(suggestion === null ? {} : { suggestion }) };
    return null;
  }

  /** Reads a name in single or double quotes; a doubled quote stands for the quote itself. */
  quoted(): { name: string; range: Range } | null {
    const start = this.at;
    const quote = this.text.charAt(start);
    let end = start + 1;
    for (;;) {
      end = this.text.indexOf(quote, end);
      if (end === -1) return this.fail(this.rest(), l10n.t`the closing ${quote} of this name is missing.`);
      if (this.text.charAt(end + 1) !== quote) break;
      end += 2;
    }
    this.at = end + 1;
    const range = { start, end: this.at };
    const name = this.text.slice(start + 1, end).replaceAll(quote + quote, quote);
    return name.trim() === '' ? this.fail(range, l10n.t('there is no name between the quotes.')) : { name, range };
  }
}
