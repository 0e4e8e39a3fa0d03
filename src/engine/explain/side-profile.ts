import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Code } from '../../core/cause/code.js';
import { ticksOf, type LineTicks, type ProfiledFunction, type UnplacedTicks } from '../../core/cause/profile.js';
import type { FunctionStart, SideTicks, Tick } from '../../core/cause/ticks.js';
import type { BundleStore } from '../bundle/bundle-store.js';
import { packageOf, relativeTo, slashed } from '../util/paths.js';
import type { SideProfile } from '../workers/benchmark-workers.js';
import { profiledCode, type CodeLine, type ProfiledCode } from './profiled-code.js';

/** Reads a file of a side as it was there; null if it has none. `file` is its path in the working tree. */
export type ReadText = (file: string) => Promise<string | null>;

/** One side of a benchmark, laid out to be profiled. */
export interface ProfiledSide {
  readonly url: string;
  readonly code: ProfiledCode;
  /** The folder of a checkout that the code is from, in place of the working tree; null for none. */
  readonly checkout: string | null;
}

/** Lays out a bundle so that the lines of a profile tell where in the user's files it was. */
export async function layOut(
  bundle: string,
  store: BundleStore,
  { root, benchFile }: { readonly root: string; readonly benchFile: string },
): Promise<ProfiledSide> {
  const code = profiledCode(await readFile(fileURLToPath(bundle), 'utf8'));
  const hash = createHash('sha256').update(code.code).digest('hex');
  const own = `/${relativeTo(root, benchFile)}`;
  const file = code.lines.find((line) => line.file?.endsWith(own) === true)?.file ?? null;
  const folder = file?.slice(0, -own.length) ?? root;
  return { url: store.url({ code: code.code, hash }), code, checkout: folder === root ? null : folder };
}

/** Returns the sources of a side, by their paths relative to the folder of the configuration. */
export async function codeOfSide({ code, checkout }: ProfiledSide, root: string, read: ReadText): Promise<Code> {
  const texts = new Map<string, string | null>();
  for (const file of new Set(code.lines.map((line) => line.file))) {
    if (file === null) continue;
    const own = checkout !== null && file.startsWith(`${checkout}/`) ? `${root}${file.slice(checkout.length)}` : file;
    texts.set(relativeTo(root, own), await read(own));
  }
  return new Code((file) => texts.get(file) ?? null);
}

/** Returns the profile of a side in the places of the user's files. Files of a checkout have their paths in the working tree. */
export async function sideTicks(
  { profile }: SideProfile,
  side: ProfiledSide,
  { root, worker, read }: { readonly root: string; readonly worker: string; readonly read: ReadText },
): Promise<SideTicks> {
  const { total, kinds, lines, unplaced } = ticksOf(profile, { bundle: side.url, worker });
  const places = new Places(side, root, [
    ...lines.flatMap((one) => one.url),
    ...profile.nodes.map(({ callFrame }) => callFrame.url),
  ]);
  const ticks = [
    ...lines.flatMap((one) => places.line(one) ?? []),
    ...unplaced.flatMap((one) => places.unplaced(one) ?? []),
  ];
  const files = new Set(ticks.flatMap(({ file, callers }) => [file, ...callers.map((caller) => caller.file)]));
  const texts = new Map<string, string | null>();
  for (const file of files) {
    const isPackage = packageOf(file) !== null;
    texts.set(file, isPackage ? await readFile(file, 'utf8').catch(() => null) : await read(file));
  }
  const code = new Code((file) => texts.get(file) ?? null);
  return { ticks, collector: kinds['garbage collector'], total, code };
}

class Places {
  /** The files of packages that ran, which V8 may have put into functions of the bundle. */
  readonly #packages: readonly string[];

  constructor(
    readonly side: ProfiledSide,
    readonly root: string,
    urls: readonly string[],
  ) {
    this.#packages = [...new Set(urls.filter((url) => packageOf(url) !== null))];
  }

  line({ function: running, url, line, ticks, callers }: LineTicks): Tick | null {
    const starts = this.#starts(callers);
    const { code } = this.side;
    if (!this.#isBundle(url)) return this.#inPackage(url, line, ticks, starts);
    const place = code.lines[line - code.firstLine];
    if (line < code.firstLine) {
      // Lines of the bundle begin after those of any package.
      const [only, other] = this.#packages;
      if (only !== undefined && other === undefined) return this.#inPackage(only, line, ticks, starts);
      return running === null ? null : this.unplaced({ function: running, called: null, ticks, callers });
    }
    if (place === undefined) return null;
    const { file } = place;
    if (file === null) return null;
    const own = code.functions[place.fn];
    const start = own?.place ?? null;
    const outer = running === null ? null : this.#start(running);
    // The function whose code ran has this one in it, unless it is this one.
    const isInlined = outer !== null && !isSamePlace(outer, start && { ...start, file: this.#file(start.file) });
    return {
      ...{
        file: this.#file(file),
        line: place.line,
        column: place.column,
        count: ticks,
        package: packageOf(file),
        called: null,
        start: null,
      },
      callers: isInlined ? [outer, ...starts] : starts,
    };
  }

  unplaced({ function: running, called, ticks, callers }: UnplacedTicks): Tick | null {
    const start = running === null ? null : this.#start(running);
    if (start === null) return null;
    const { file, column } = start;
    return {
      file,
      line: null,
      column,
      count: ticks,
      package: packageOf(file),
      callers: this.#starts(callers),
      called: called?.name ?? null,
      start,
    };
  }

  #inPackage(url: string, line: number, count: number, callers: readonly FunctionStart[]): Tick | null {
    if (!url.startsWith('file:')) return null;
    const file = slashed(fileURLToPath(url));
    return { file, line, column: 1, count, package: packageOf(file), callers, called: null, start: null };
  }

  /** Also if it was loaded again, under an address with a query. */
  #isBundle(url: string): boolean {
    return url === this.side.url || url.startsWith(`${this.side.url}?`);
  }

  #starts(callers: readonly ProfiledFunction[]): readonly FunctionStart[] {
    return callers.flatMap((caller) => this.#start(caller) ?? []);
  }

  /** Where a function begins, in the user's file or that of a package. */
  #start({ url, line, column }: ProfiledFunction): FunctionStart | null {
    const { code } = this.side;
    if (!this.#isBundle(url)) {
      if (!url.startsWith('file:')) return null;
      return { file: slashed(fileURLToPath(url)), line, column };
    }
    const place: CodeLine | undefined = code.lines[line - code.firstLine];
    const start = place === undefined ? null : (code.functions[place.fn]?.place ?? null);
    if (start !== null) return { ...start, file: this.#file(start.file) };
    if (place === undefined) return null;
    const { file } = place;
    return file === null ? null : { file: this.#file(file), line: place.line, column: place.column };
  }

  #file(file: string): string {
    const { checkout } = this.side;
    return checkout !== null && file.startsWith(`${checkout}/`) ? `${this.root}${file.slice(checkout.length)}` : file;
  }
}

const isSamePlace = (one: FunctionStart, other: FunctionStart | null): boolean =>
  one.line === other?.line && one.column === other.column && one.file === other.file;
