import { unescaped } from './v8-escapes.js';

/** A function of a script, by where its parameters begin. */
export interface LoggedFunction {
  /** As V8 names it: `lookup`, `Registry.find`; empty for none. */
  readonly name: string;
  readonly url: string;
  readonly line: number;
  readonly column: number;
  /** Offsets in its script; null until V8 tells them. */
  range: { readonly start: number; readonly end: number } | null;
  /** The size of its bytecode. */
  bytes: number;
}

/** A piece of code that V8 made of a function. */
export interface LoggedCode {
  start: number;
  readonly size: number;
  /** Null for functions of Node and of ours. */
  readonly own: LoggedFunction | null;
  readonly tier: 'interpreted' | 'baseline' | 'optimized';
  /** The functions of which it has copies inside; null for those of Node and of ours. */
  inlined: readonly (LoggedFunction | null)[];
  /** Where it has them, as V8 writes it. */
  positions: string;
  copies: string;
}

/** The function that an address in a code belongs to, and its offset in that function's script if it is a copy. */
export interface LoggedSpot {
  readonly fn: LoggedFunction;
  readonly offset: number | null;
}

/** Knows which code is at an address, from V8's log. The collector moves code and functions, and reuses their space. */
export class CodeMap {
  /** Newest last. */
  readonly #codes: LoggedCode[] = [];
  readonly #functions = new Map<string, LoggedFunction>();
  /** By the address of V8's object for each. */
  readonly #byAddress = new Map<number, LoggedFunction | null>();

  constructor(readonly isOwn: (url: string) => boolean) {}

  get functions(): readonly LoggedFunction[] {
    return [...this.#functions.values()];
  }

  /** Whether V8 optimizes anything, which some flags forbid. */
  get hasOptimized(): boolean {
    return this.#codes.some(({ tier }) => tier === 'optimized');
  }

  /** The newest code at an address. */
  at(address: number): LoggedCode | null {
    return this.#codes.findLast(({ start, size }) => address >= start && address < start + size) ?? null;
  }

  /**
   * Returns the function that V8 was in; null for one of Node or of ours. `pc`: an address that was returned to, which is the one
   * after the call.
   */
  spot(code: LoggedCode, pc: number): LoggedSpot | null {
    const own = code.own === null ? null : { fn: code.own, offset: null };
    if (code.tier !== 'optimized') return own;
    // `C<offset in the code>O<offset in the script>I<number of the copy>…`
    let last: RegExpExecArray | null = null;
    for (const entry of code.positions.matchAll(/C(\d+)O(\d+)(?:I(\d+))?/g)) {
      if (Number(entry[1]) >= pc - code.start) break;
      last = entry;
    }
    if (last?.[3] === undefined) return own;
    // `F<number of the function>O<offset of the call>I<the copy around it>…`
    const copy = [...code.copies.matchAll(/F(\d+)O\d+(?:I\d+)?/g)][Number(last[3])];
    const fn = code.inlined[Number(copy?.[1])] ?? null;
    return fn === null ? null : { fn, offset: Number(last[2]) };
  }

  /** The innermost function around an offset in a script. */
  around(url: string, offset: number): LoggedFunction | null {
    let found: LoggedFunction | null = null;
    for (const fn of this.#functions.values()) {
      if (fn.url !== url || fn.range === null || fn.range.start > offset || fn.range.end < offset) continue;
      if (found === null || fn.range.start >= (found.range?.start ?? 0)) found = fn;
    }
    return found;
  }

  /** `code-creation,type,kind,time,start,size,name place,function,~`; `^` is baseline, `+` and `*` are optimized. */
  create([, , , , start, size, name = '', address, marker = '']: readonly string[]): void {
    // What belongs to no function never moves, and nothing takes its place.
    if (address === undefined) return;
    const own = this.#function(unescaped(name));
    const tier = marker.startsWith('~') ? 'interpreted' : marker.startsWith('^') ? 'baseline' : 'optimized';
    if (own !== null && tier === 'interpreted') own.bytes = Number(size);
    this.#byAddress.set(Number(address), own);
    this.#codes.push({ start: Number(start), size: Number(size), own, tier, inlined: [], positions: '', copies: '' });
  }

  change([type, from, to, start, end, positions = '', copies = '', inlined = '']: readonly string[]): void {
    if (type === 'sfi-move') {
      this.#byAddress.set(Number(to), this.#byAddress.get(Number(from)) ?? null);
      return;
    }
    const code = this.#codes.findLast((one) => one.start === Number(from));
    if (code === undefined) return;
    if (type === 'code-move') {
      code.start = Number(to);
      return;
    }
    // `code-source-info,code,script,start,end,positions,inlining,functions`
    if (code.own !== null) code.own.range = { start: Number(start), end: Number(end) };
    const addresses = inlined.split('S').slice(1);
    code.inlined = addresses.map((one) => this.#byAddress.get(Number(one)) ?? null);
    if (addresses.length > 0) Object.assign(code, { positions, copies });
  }

  #function(described: string): LoggedFunction | null {
    const match = /^(?:(.*?) )?((?:file:\/\/|\/|[A-Za-z]:\\)[^]*):(\d+):(\d+)$/.exec(described);
    if (match === null) return null;
    const [, name = '', url = '', line, column] = match;
    if (!this.isOwn(url)) return null;
    const key = `${url}:${line}:${column}`;
    const known = this.#functions.get(key);
    if (known !== undefined) return known;
    const made = { name, url, line: Number(line), column: Number(column), range: null, bytes: 0 };
    this.#functions.set(key, made);
    return made;
  }
}
