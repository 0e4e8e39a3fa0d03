import { CodeMap, type LoggedCode, type LoggedFunction } from './v8-code.js';
import { unescaped } from './v8-escapes.js';

/** The names of two scripts that a worker has compiled before and after it runs code that is warm. */
export const marks = { steady: 'perf-budget:steady', end: 'perf-budget:end' } as const;

/** V8 optimizes no function of more bytes of bytecode: `--max-optimized-bytecode-size` of Node 20 to 26. */
const mostBytecode = 61_440;

/** A place in a script that V8 ran. */
export interface ScriptPlace {
  /** A file URL, or the path of a CommonJS module. */
  readonly url: string;
  /** Line and column, which count from one, or an offset. */
  readonly at: { readonly line: number; readonly column: number } | number;
}

/** What V8 reported, without its place. */
export type SlowWhy =
  /** Optimized code was given up while the code was warm; `reason` is V8's own words. */
  | { readonly kind: 'deoptimized'; readonly reason: string; readonly times: number; readonly ms: number }
  /** A property is looked up each time, because more than four shapes of objects, or several names, come to one place. */
  | {
      readonly kind: 'megamorphic';
      readonly access: 'read' | 'written';
      readonly of: 'shapes' | 'names';
      /** Null for several names, and for elements of arrays. */
      readonly property: string | null;
    }
  /** Objects become dictionaries while the code is warm; `reason` is V8's own word. */
  | { readonly kind: 'dictionary'; readonly reason: string }
  /** A hot function runs unoptimized, because it is too long, or for V8's own reason. */
  | { readonly kind: 'not optimized'; readonly reason: string | null; readonly bytes: number };

/** Something that V8 reported, at the innermost place that is not Node's or ours. */
export type SlowFact = ScriptPlace &
  SlowWhy & {
    /** As V8 names the function; empty for one without a name. */
    readonly functionName: string;
  };

export interface FactOptions {
  /** How many iterations ran between the marks. */
  readonly iterations: number;
  /** Also what is too rare to be a reason: whatever the old code has of it is not new. */
  readonly all: boolean;
}

/** Of the time between the marks: what makes a function hot, and what it must spend unoptimized. */
const leastHot = 0.02;
const leastUnoptimized = 0.1;
/** So few samples show nothing. */
const leastTicks = 3;
/** Rarer events belong to code that is warming up. */
const leastEvents = 5;
/** An object becomes a dictionary in at least one of so many iterations. */
const iterationsPerDictionary = 20;

interface Event {
  readonly place: ScriptPlace;
  readonly functionName: string;
  /** The code that it happened to. */
  readonly code: LoggedCode | null;
  readonly reason: string;
  readonly times: number[];
}

interface Site {
  readonly place: ScriptPlace;
  readonly fn: LoggedFunction;
  readonly why: Extract<SlowWhy, { kind: 'megamorphic' }>;
}

/**
 * Reads V8's log (`--log-deopt --log-ic --log-maps --prof`) line by line. The format is that of V8's own tools (tools/logreader.mjs,
 * tools/ic-processor.mjs, tools/profile.mjs): fields between commas, a comma in a text is `\x2C`. User code chooses names in it.
 */
export class V8Log {
  readonly #codes: CodeMap;
  readonly #deopts = new Map<string, Event>();
  readonly #normalized = new Map<string, Event>();
  readonly #sites = new Map<string, Site>();
  /** The first key of each place that reads or writes a computed name. */
  readonly #keys = new Map<string, string>();
  readonly #disabled = new Map<string, string>();
  /** The maps of objects that became dictionaries. V8 makes another one from time to time, so four soon become five. */
  readonly #dictionaries = new Set<string>();
  /** How many samples of functions were taken between the marks: of all, and of those that were not optimized. */
  readonly #ticks = { hot: new Map<LoggedFunction, number>(), slow: new Map<LoggedFunction, number>(), all: 0 };
  #from: number | null = null;
  #to: number | null = null;

  /** `isOwn` tells the scripts whose code counts. */
  constructor(readonly isOwn: (url: string) => boolean) {
    this.#codes = new CodeMap(isOwn);
  }

  read(line: string): void {
    const fields = (): readonly string[] => line.split(',');
    switch (line.slice(0, line.indexOf(','))) {
      case 'code-creation':
        this.#mark(line);
        return this.#codes.create(fields());
      case 'code-move':
      case 'sfi-move':
      case 'code-source-info':
        return this.#codes.change(fields());
      case 'code-disable-optimization': {
        const [, name = '', reason = ''] = fields();
        this.#disabled.set(unescaped(name), unescaped(reason));
        return;
      }
      case 'code-deopt':
        return this.#deopt(fields());
      case 'map':
        return this.#map(fields());
      case 'tick':
        return this.#tick(fields());
      case 'LoadIC':
      case 'KeyedLoadIC':
      case 'StoreIC':
      case 'KeyedStoreIC':
        return this.#inlineCache(fields());
      default:
    }
  }

  /** Returns what V8 reported; null if the log has not both marks. */
  facts({ iterations, all }: FactOptions): readonly SlowFact[] | null {
    if (this.#from === null || this.#to === null) return null;
    const middle = (this.#from + this.#to) / 2;
    const ms = (this.#to - this.#from) / 1000;
    /** Whether something went on all the time. */
    const recurs = ({ times }: Event): boolean =>
      all || (times.length >= leastEvents && times.some((at) => at < middle) && times.some((at) => at > middle));
    const given = [...this.#deopts.values()].filter(recurs);
    // When something changes, code that has a copy of a function is given up together with that function's own.
    const isCopy = ({ code, reason }: Event): boolean =>
      isDependency(reason) && given.some((other) => other.reason === reason && hasCopy(code, other.code));
    const deopts = given
      .filter((one) => all || !isCopy(one))
      .map(({ place, functionName, reason, times }): SlowFact => {
        return { ...place, functionName, kind: 'deoptimized', reason, times: times.length, ms };
      });
    const normalized = [...this.#normalized.values()]
      .filter((one) => all || (recurs(one) && one.times.length >= iterations / iterationsPerDictionary))
      .map(({ place, functionName, reason }): SlowFact => ({ ...place, functionName, kind: 'dictionary', reason }));
    const sites = [...this.#sites.values()]
      .filter(({ fn }) => all || this.#isShare(this.#ticks.hot.get(fn), leastHot))
      .map(({ place, fn, why }): SlowFact => ({ ...place, functionName: fn.name, ...why }));
    return [...deopts, ...normalized, ...sites, ...this.#unoptimized(all)];
  }

  #unoptimized(all: boolean): readonly SlowFact[] {
    if (!this.#codes.hasOptimized) return [];
    return [...this.#ticks.slow].flatMap(([fn, ticks]): readonly SlowFact[] => {
      if (!this.#isShare(ticks, all ? leastHot : leastUnoptimized)) return [];
      // V8 tells only the name of what it disables.
      const isOnly = this.#codes.functions.filter(({ name }) => name === fn.name).length === 1;
      const reason = isOnly && fn.name !== '' ? (this.#disabled.get(fn.name) ?? null) : null;
      if (reason === null && fn.bytes <= mostBytecode) return [];
      const { url, line, column, bytes } = fn;
      return [{ url, at: { line, column }, functionName: fn.name, kind: 'not optimized', reason, bytes }];
    });
  }

  #isShare(ticks = 0, least: number): boolean {
    return ticks >= leastTicks && ticks >= least * this.#ticks.all;
  }

  get #isSteady(): boolean {
    return this.#from !== null && this.#to === null;
  }

  #mark(line: string): void {
    if (!line.startsWith('code-creation,Script,') || !line.includes('perf-budget:')) return;
    const [, , , time, , , name = ''] = line.split(',');
    if (name.trim().startsWith(marks.steady)) this.#from ??= Number(time);
    else if (name.trim().startsWith(marks.end) && this.#from !== null) this.#to ??= Number(time);
  }

  /** `code-deopt,time,size,code,inlining,offset,kind,<place> inlined at <place>,reason` */
  #deopt([, time, , address, , offset, , places = '', words = '']: readonly string[]): void {
    const reason = unescaped(words);
    // A frame whose code others threw away, or that moves to a better code, is no reason.
    if (!this.#isSteady || /^\(unknown\)$|OSR|on[ -]stack replacement/.test(reason)) return;
    const all = Array.from(unescaped(places).matchAll(/<([^<>]+):(\d+):(\d+)>/g), ([, url = '', line, column]) => ({
      ...{ url, at: { line: Number(line), column: Number(column) } },
    }));
    const place = all.find(({ url }) => this.isOwn(url));
    if (place === undefined) return;
    const code = this.#codes.at(Number(address));
    const inner = place === all[0] ? this.#codes.around(place.url, Number(offset)) : null;
    this.#count(this.#deopts, { place, functionName: (inner ?? code?.own)?.name ?? '', code, reason }, Number(time));
  }

  /** `map,Normalize,time,from,to,pc,line,column,reason,name` */
  #map([, kind = '', time, , map = '', pc, line, column, reason = '']: readonly string[]): void {
    if (!kind.startsWith('Normalize')) return;
    this.#dictionaries.add(map);
    if (!this.#isSteady || /Prototype|ModuleNamespace/.test(reason)) return;
    const found = this.#place(pc, line, column);
    if (found === null) return;
    const { place, fn, code } = found;
    this.#count(this.#normalized, { place, functionName: fn.name, code, reason: unescaped(reason) }, Number(time));
  }

  #count(events: Map<string, Event>, what: Omit<Event, 'times'>, time: number): void {
    const key = `${keyOf(what.place)} ${what.reason}`;
    const event = events.get(key) ?? { ...what, times: [] };
    event.times.push(time);
    events.set(key, event);
  }

  /** `LoadIC,pc,time,line,column,old,new,map,key,modifier,reason`; P is polymorphic, N megamorphic. */
  #inlineCache([type = '', pc, , line, column, old, state, map = '', key = '']: readonly string[]): void {
    const isKeyed = type.startsWith('Keyed');
    const becomes = state === 'N' && old !== 'N';
    if (!becomes && !isKeyed) return;
    const found = this.#place(pc, line, column);
    if (found === null) return;
    const { place, fn } = found;
    const id = `${type} ${keyOf(place)}`;
    const first = this.#keys.get(id) ?? key;
    if (isKeyed) this.#keys.set(id, first);
    if (!becomes) return;
    const isElement = /^-?\d+$/.test(key) && /^-?\d+$/.test(first);
    const of = isKeyed && !isElement && first !== key ? 'names' : 'shapes';
    // Other ways to this state are those of proxies and the like.
    if (of === 'shapes' && (old !== 'P' || this.#dictionaries.has(map))) return;
    const property = of === 'names' || isElement ? null : propertyOf(unescaped(key));
    const access = type.includes('Load') ? 'read' : 'written';
    this.#sites.set(id, { place, fn, why: { kind: 'megamorphic', access, of, property } });
  }

  /** Returns where V8 was. It counts the lines of a copy inside other code by the script of that code, so there an offset counts. */
  #place(
    pc: string | undefined,
    line: string | undefined,
    column: string | undefined,
  ): { readonly place: ScriptPlace; readonly fn: LoggedFunction; readonly code: LoggedCode } | null {
    const code = Number(line) > 0 ? this.#codes.at(Number(pc)) : null;
    const spot = code === null ? null : this.#codes.spot(code, Number(pc));
    if (code === null || spot === null) return null;
    const { fn, offset } = spot;
    const isElsewhere = offset !== null && fn.url !== code.own?.url;
    const at = isElsewhere ? offset : { line: Number(line), column: Number(column) };
    return { place: { url: fn.url, at }, fn, code };
  }

  /** `tick,pc,time,isExternal,top,state,frame…`; a frame is an address, or relative to the one before. */
  #tick([, pc, , isExternal, top, , ...frames]: readonly string[]): void {
    if (!this.#isSteady) return;
    this.#ticks.all++;
    const addresses = isExternal === '1' ? [Number(top)] : [Number(pc), Number(top)];
    let [previous = 0] = addresses;
    for (const frame of frames) {
      if (frame.startsWith('o')) continue;
      previous = /^[+-]/.test(frame) ? previous + Number.parseInt(frame, 16) : Number(frame);
      addresses.push(previous);
    }
    for (const address of addresses) {
      const code = this.#codes.at(address);
      const spot = code === null ? null : this.#codes.spot(code, address);
      if (code === null || spot === null) continue;
      const { hot, slow } = this.#ticks;
      hot.set(spot.fn, (hot.get(spot.fn) ?? 0) + 1);
      if (code.tier !== 'optimized') slow.set(spot.fn, (slow.get(spot.fn) ?? 0) + 1);
      return;
    }
  }
}

/** Whether V8 gives up code for this because something else has changed. */
export const isDependency = (reason: string): boolean => /^code dependencies$|^dependent .* changed$/.test(reason);

function hasCopy(code: LoggedCode | null, of: LoggedCode | null): boolean {
  const fn = of?.own ?? null;
  return fn !== null && code !== null && code.own !== fn && code.inlined.includes(fn);
}

const keyOf = ({ url, at }: ScriptPlace): string =>
  typeof at === 'number' ? `${url}:${at}` : `${url}:${at.line}:${at.column}`;

/** `symbol("Symbol.iterator" hash 776e6e)` becomes `[Symbol.iterator]`. */
function propertyOf(key: string): string {
  const symbol = /^symbol\("(.*)" hash [0-9a-f]+\)$/.exec(key)?.[1];
  return symbol === undefined ? key : `[${symbol}]`;
}
