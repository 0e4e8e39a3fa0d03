/** One step of the path from a root of the heap to an object: from an object of the constructor `of` to what it holds. */
export interface RetainerStep {
  /** By a property, as an element, as a variable of a closure (`of` is the function's name) or of a module, or inside of it. */
  readonly kind: 'property' | 'element' | 'variable' | 'export' | 'inside';
  readonly of: string;
  readonly name: string;
}

/** Objects of one constructor that cycles leave behind at one place. */
export interface RetainedGroup {
  readonly constructor: string;
  readonly path: readonly RetainerStep[];
  readonly count: number;
  /** Of these objects, and of what only came with them, in bytes. */
  readonly bytes: number;
  /** The function that allocated them, as V8 names it, from zero; null if none of the user's or a package's did. */
  readonly allocatedIn: {
    readonly function: string;
    readonly url: string;
    readonly line: number;
    readonly column: number;
  } | null;
}

/** What a heap snapshot shows of what some cycles left behind. */
export interface Retainers {
  readonly cycles: number;
  readonly groups: readonly RetainedGroup[];
  /** The size of the heap, if it was too large for a snapshot; else null. */
  readonly tooLarge: number | null;
}
