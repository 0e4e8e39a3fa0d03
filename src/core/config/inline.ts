import * as l10n from '@vscode/l10n';
import {
  levels,
  type Budget,
  type Check,
  type Defaults,
  type Level,
  type Named,
  type Subject,
} from '../language/budget.js';
import { levelBefore, parseCheck } from '../language/check.js';
import { impliedChecks, misfit } from '../language/subject-fit.js';
import { Lines, type Location, type Problem, type Range } from '../problem.js';
import { runOf } from './settings.js';

export const tag = '@perf-budget';
const example = `"${tag} suite/case: p95 <= 2 ms"`;

/** What begins a comment right before the tag: `//`, `/**`, `#`, `--`, `--[[`, `<!--`, `"""`. */
const opening = /(?:\/\/+!?|\/\*+!?|#+!?|--+(?:\[\[)?|<!--|""")\s*$/;
/** A comment ends with its line, or here. */
const closing = /\*\/|-->|\]\]|"""/;
/** The start of a check: its metric, up to the relation. */
const beginning =
  /\s+(?:(?:target|acceptable|limit)\s+)?(?:'(?:[^']|'')+'|"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_.-]*(?:\s+[\p{L}\p{N}_][\p{L}\p{N}_.-]*)*)\s*[<>=≤≥⩽⩾!~]/uy;
/** Nobody writes longer lines, and the pattern above need not cope with more. */
const longest = 2_000;
/** The most that are read in one file: more would only make the editor wait. */
const most = 5_000;

/** The marks that open and close comments of several lines. */
const blocks = [
  ['/*', '*/'],
  ['"""', '"""'],
  ['<!--', '-->'],
  ['--[[', ']]'],
] as const;

/**
 * Reads the budgets in the comments of a source text, one for each benchmark that they name:
 *
 *     // @perf-budget parser/large: p95 <= 2 ms, target p95 <= 1 ms
 *
 * A budget's name is its benchmark's; a check is a limit unless it begins with another level. `file` is the absolute path of the
 * text, with `/`; problems and budgets are in the order of the text. Costs one search for the tag if there are none. `known` has
 * the comments that a parser of the language found; without it they are guessed from the text.
 */
export function inlineBudgets(
  file: string,
  text: string,
  defaults: Defaults,
  known: readonly Range[] | null = null,
): { readonly budgets: readonly Budget[]; readonly problems: readonly Problem[] } {
  if (!text.includes(tag)) return { budgets: [], problems: [] };
  const lines = new Lines(file, text);
  const comments = known === null ? new Comments(text) : new KnownComments(text, known);
  const problems: Problem[] = [];
  const run = runOf(defaults);
  const found = new Map<
    string,
    { readonly subject: Subject & Named; readonly location: Location; readonly checks: Check[] }
  >();
  let seen = 0;
  for (let at = text.indexOf(tag); at !== -1; at = text.indexOf(tag, at + tag.length)) {
    seen += 1;
    if (seen > most) {
      const message = l10n.t`Only the first ${most} budgets of a file are read.`;
      problems.push({ location: lines.location({ start: at, end: at + tag.length }), message });
      break;
    }
    if (!comments.begins(at) || /[\p{L}\p{N}_-]/u.test(text.charAt(at + tag.length))) continue;
    const entry = new Entry(text, at);
    const note = ({ start, end }: Range, message: string, suggestion?: string): void => {
      // Something missing has no width: mark the character before it.
      const isMissing = start === end;
      const location = lines.location({ start: isMissing ? start - 1 : start, end });
      problems.push({ location, message, ...(suggestion !== undefined && !isMissing && { suggestion }) });
    };
    const named = entry.named();
    if (named === null) {
      note(entry.range, l10n.t`A budget names a benchmark and its checks: ${example}.`);
      continue;
    }
    const { name, checks } = named;
    const subject = {
      kind: 'benchmark' as const,
      name: text.slice(name.start, name.end),
      location: lines.location(name),
    };
    const budget = found.get(subject.name) ?? { subject, location: lines.location(entry.range), checks: [] };
    found.set(subject.name, budget);
    for (const { level, range, misspelt } of checks) {
      if (misspelt !== null) {
        const word = text.slice(misspelt.range.start, misspelt.range.end);
        note(misspelt.range, l10n.t`${word} is not a level; did you mean ${misspelt.meant}?`, misspelt.meant);
        continue;
      }
      const parsed = parseCheck(text.slice(range.start, range.end));
      const problem = parsed.ok ? misfit(parsed.value, subject, run.work) : parsed.error;
      const inText = (inside: Range): Range => ({ start: range.start + inside.start, end: range.start + inside.end });
      if (problem !== null) note(inText(problem.range), problem.message, problem.suggestion);
      if (!parsed.ok || problem !== null) continue;
      const { ranges, ...check } = parsed.value;
      if (check.bound.kind === 'reference' && check.bound.name === subject.name) {
        note(inText(ranges.name ?? ranges.bound), l10n.t`"${check.text}": "${subject.name}" is compared with itself.`);
        continue;
      }
      const nameLocation = ranges.name && lines.location(inText(ranges.name));
      budget.checks.push({ ...check, level, location: lines.location(range), nameLocation });
    }
  }
  const { regression, tolerance, baseline } = defaults;
  const budgets = Array.from(found.values(), ({ subject, location, checks }): Budget => {
    const ordered = levels.flatMap((level) => checks.filter((check) => check.level === level));
    return {
      name: subject.name,
      subject,
      code: null,
      checks: [...ordered, ...impliedChecks(ordered, regression, regression)],
      ...{ run, regression, tolerance, baseline, location },
    };
  });
  return { budgets, problems };
}

/** Returns the rest of a line, cut to `longest` characters: some files are one long line. */
function lineFrom(text: string, start: number): string {
  const near = text.slice(start, start + longest);
  const newline = near.indexOf('\n');
  return newline === -1 ? near : near.slice(0, newline);
}

/** A check in a comment, after its level. */
interface Leveled {
  readonly level: Level;
  readonly range: Range;
  /** What stands in place of the level. */
  readonly misspelt: { readonly range: Range; readonly meant: Level } | null;
}

/** One tag and what follows it, to the end of its line or comment. */
class Entry {
  readonly range: Range;

  constructor(
    readonly text: string,
    start: number,
  ) {
    const line = lineFrom(text, start);
    const end = closing.exec(line)?.index ?? line.length;
    this.range = { start, end: start + line.slice(0, end).trimEnd().length };
  }

  /** Returns the benchmark and the checks; null if no colon separates them. A name may have spaces and colons itself. */
  named(): { name: Range; checks: readonly Leveled[] } | null {
    const { start, end } = this.range;
    const body = this.text.slice(start, end);
    const colons = [...body.matchAll(/:(?=\s|$)/g)].map(({ index }) => index);
    const colon = colons.find((at) => {
      beginning.lastIndex = at + 1;
      return beginning.test(body);
    });
    const split = colon ?? colons[0];
    if (split === undefined) return null;
    const name = this.#trimmed({ start: start + tag.length, end: start + split });
    if (name.start === name.end) return null;
    return { name, checks: this.#pieces({ start: start + split + 1, end }).map((piece) => this.#leveled(piece)) };
  }

  /** Splits at commas, except those in numbers and in quotes. */
  #pieces({ start, end }: Range): readonly Range[] {
    const pieces: Range[] = [];
    let from = start;
    let quote = '';
    for (let at = start; at < end; at += 1) {
      const char = this.text.charAt(at);
      if (quote !== '') quote = char === quote ? '' : quote;
      else if (char === "'" || char === '"') quote = char;
      else if (char === ',' && !/\d,\d/.test(this.text.slice(at - 1, at + 2))) {
        pieces.push({ start: from, end: at });
        from = at + 1;
      }
    }
    return [...pieces, { start: from, end }].map((piece) => this.#trimmed(piece));
  }

  #leveled(range: Range): Leveled {
    const piece = this.text.slice(range.start, range.end);
    const word = /^(\w+)\s+(?=[\p{L}'"])/u.exec(piece);
    const level = levels.find((one) => one === word?.[1]);
    if (word?.[1] === undefined) return { level: 'limit', range, misspelt: null };
    if (level !== undefined)
      return { level, range: { start: range.start + word[0].length, end: range.end }, misspelt: null };
    // Two words may also be the name of a reported metric, unless the second begins a check by itself.
    const meant = levelBefore(word[1], piece.slice(word[0].length));
    if (meant === null) return { level: 'limit', range, misspelt: null };
    return {
      level: meant,
      range,
      misspelt: { range: { start: range.start, end: range.start + word[1].length }, meant },
    };
  }

  #trimmed({ start, end }: Range): Range {
    const piece = this.text.slice(start, end);
    const from = start + piece.length - piece.trimStart().length;
    return { start: from, end: Math.max(from, start + piece.trimEnd().length) };
  }
}

/** Decides, without knowing the language, whether a tag is the first text in a comment's line. Offsets must only grow. */
class Comments {
  readonly #blocks: readonly { readonly open: Tokens; readonly close: Tokens }[];

  constructor(readonly text: string) {
    this.#blocks = blocks.map(([open, close]) => ({ open: new Tokens(text, open), close: new Tokens(text, close) }));
  }

  begins(at: number): boolean {
    const near = this.text.slice(Math.max(0, at - longest), at);
    const before = near.slice(near.lastIndexOf('\n') + 1);
    if (/^\s*\**\s*$/.test(before)) return this.#isInBlock(at);
    const opener = opening.exec(before);
    return opener !== null && !this.#isInString(before.slice(0, opener.index), at);
  }

  #isInBlock(at: number): boolean {
    return this.#blocks
      .map(({ open, close }) => {
        const opened = open.before(at);
        const closed = close.before(at);
        // In Python, the same quotes open and close a block.
        return open.token === close.token ? opened.count % 2 === 1 : opened.last > closed.last;
      })
      .includes(true);
  }

  /** Whether a quote that opens before the comment closes after the tag: then it is not a comment. */
  #isInString(code: string, at: number): boolean {
    const after = lineFrom(this.text, at);
    return ['"', "'", '`'].some((quote) => {
      const opened = code.replaceAll(/\\./g, '').split(quote).length % 2 === 0;
      return opened && after.includes(quote);
    });
  }
}

/** Decides the same for a file whose comments a parser has found. */
class KnownComments {
  constructor(
    readonly text: string,
    /** In the order of the text. */
    readonly comments: readonly Range[],
  ) {}

  begins(at: number): boolean {
    const around = this.comments.find(({ start, end }) => start < at && at < end);
    if (around === undefined) return false;
    const before = this.text.slice(around.start, at);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    return /^(?:\/\/+!?|\/\*+!?|\s*\**)\s*$/.test(line);
  }
}

/** Counts a token before an offset and finds its last place. Offsets must only grow, so that one scan of the text is enough. */
class Tokens {
  #last = -1;
  #count = 0;
  #next: number;

  constructor(
    readonly text: string,
    readonly token: string,
  ) {
    this.#next = text.indexOf(token);
  }

  before(at: number): { last: number; count: number } {
    while (this.#next !== -1 && this.#next < at) {
      this.#last = this.#next;
      this.#count += 1;
      this.#next = this.text.indexOf(this.token, this.#next + this.token.length);
    }
    return { last: this.#last, count: this.#count };
  }
}
