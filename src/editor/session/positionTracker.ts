import type { Location, Position } from '../../core/problem.js';

/** One replacement in a document, in the coordinates of the text before it. */
export interface Edit {
  readonly start: Position;
  readonly end: Position;
  readonly text: string;
}

interface Span {
  readonly start: Position;
  readonly end: Position;
}

/**
 * Tracks places that were found in a saved file while its document is being edited.
 *
 * A keystroke only appends to a list; a place catches up when it is needed. A location object first seen before a save keeps
 * moving from where it was; one first seen after it starts from the saved text. So nothing jumps between a save and the
 * analysis that follows.
 */
export class PositionTracker {
  readonly #documents = new Map<string, Edits>();
  readonly #known = new WeakMap<Location, { document: Edits; at: number; span: Span }>();

  /** Records the edits of one change event, all in the coordinates of the text before the event. `key` names the file. */
  edited(key: string, edits: readonly Edit[]): void {
    const document = this.#of(key);
    // Later places first, so that no edit moves one that is still to come.
    for (const edit of edits.toSorted((a, b) => compare(b.start, a.start))) document.push(edit);
  }

  saved(key: string): void {
    this.#documents.get(key)?.save();
  }

  /** Drops the edits: the document was closed, reverted or undone to the saved text. */
  reset(key: string): void {
    this.#documents.delete(key);
  }

  /** Returns where `location`, which was found in the saved text of its file, is in the current text. */
  now(location: Location, key: string): Location {
    const document = this.#of(key);
    const known = this.#known.get(location);
    const caughtUp = known?.document === document && known.at >= document.first;
    let span: Span = caughtUp ? known.span : location;
    for (const edit of document.since(caughtUp ? known.at : document.savedAt)) span = moveSpan(span, edit);
    this.#known.set(location, { document, at: document.end, span });
    return span === location ? location : { file: location.file, start: span.start, end: span.end };
  }

  #of(key: string): Edits {
    const document = this.#documents.get(key) ?? new Edits();
    this.#documents.set(key, document);
    return document;
  }
}

/** The edits of one document since the save before last; indices count from its opening. */
class Edits {
  #edits: Edit[] = [];
  first = 0;
  savedAt = 0;

  get end(): number {
    return this.first + this.#edits.length;
  }

  push(edit: Edit): void {
    this.#edits.push(edit);
  }

  since(index: number): readonly Edit[] {
    return this.#edits.slice(index - this.first);
  }

  save(): void {
    this.#edits = this.#edits.slice(this.savedAt - this.first);
    this.first = this.savedAt;
    this.savedAt = this.end;
  }
}

function moveSpan(span: Span, edit: Edit): Span {
  // Text typed right before a name pushes the name on; text typed right after it is not part of it.
  const start = move(span.start, edit, true);
  const end = compare(span.start, span.end) === 0 ? start : move(span.end, edit, false);
  return { start, end: compare(end, start) < 0 ? start : end };
}

function move(position: Position, edit: Edit, sticksRight: boolean): Position {
  const atEnd = compare(position, edit.end);
  if (atEnd < 0 || (atEnd === 0 && !sticksRight && compare(edit.start, edit.end) === 0)) {
    return compare(position, edit.start) <= 0 ? position : edit.start;
  }
  const inserted = edit.text.split('\n');
  const last = inserted.at(-1) ?? '';
  const line = position.line + inserted.length - 1 - (edit.end.line - edit.start.line);
  if (position.line !== edit.end.line) return { line, column: position.column };
  const before = inserted.length === 1 ? edit.start.column : 1;
  return { line, column: before + last.length + position.column - edit.end.column };
}

export function compare(a: Position, b: Position): number {
  return a.line - b.line || a.column - b.column;
}
