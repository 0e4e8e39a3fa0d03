import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { environmentOf } from './environment.js';

/** A bench file and all of the user's code that it reaches, as one ES module. */
export interface Bundle {
  /** The last line is the source map. Packages and Node's modules stay imports, by absolute address. */
  readonly code: string;
  /**
   * SHA-256 of the code without the map, and of the environment variables that it reads. Sources that differ only in what
   * esbuild drops, such as comments, have the same hash.
   */
  readonly hash: string;
  /** Absolute paths of the user's files in it, the bench file among them. */
  readonly inputs: readonly string[];
  /** For each input, the file that each of its specifiers means, without packages and Node's modules. */
  readonly imports: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** One sentence for each piece of code that both sides share, whatever the commit contains. */
  readonly unsafe: readonly string[];
  /** Those of them that a checkout of the old code puts right, because it is loaded from there. */
  readonly dynamic: readonly string[];
  /** Whether an old bundle loads code at run time from a checkout of its commit. */
  readonly isCheckedOut: boolean;
  /** The files outside that it imports from packages, or that its code reads or starts from the working directory. */
  readonly outside: readonly string[];
  /** Files that its code reads or starts from its own place. */
  readonly beside: readonly string[];
  /** Whether an old bundle finds those in a checkout of its commit. */
  readonly isPlaced: boolean;
  /** In an old bundle, the files from disk that stand in for missing old ones. If they change, the bundle is out of date. */
  readonly borrowed: readonly string[];
  /** What its processes need; null if nothing. */
  readonly launch: BundleLaunch | null;
  /** Configuration that the bundle depends on, without installed packages. The files need not exist. */
  readonly dependencies: readonly string[];
  /** One sentence for each other thing that the reader of a result should know. */
  readonly remarks: readonly string[];
}

/** How a process must be started and prepared to run a bundle. */
export interface BundleLaunch {
  /** The text of a module to import before the bundle; null for none. */
  readonly prelude: string | null;
  /** Node's own options. */
  readonly execArgv: readonly string[];
}

/** Returns `Bundle.hash` of a code without its map. */
export function hashOf(code: string, launch: BundleLaunch | null): string {
  const hash = createHash('sha256').update(code).update(environmentOf(code, process.env));
  if (launch !== null) hash.update(JSON.stringify(launch));
  return hash.digest('hex');
}

/**
 * Whether a bundle from a checkout is the same code as one from the working tree. Each knows the address of its own bench file;
 * a bundle that knows more of where it is may read other files there.
 */
export function isSameCode(bundle: Bundle, benchFile: string, other: Bundle, otherFile: string): boolean {
  const code = bundle.code.slice(0, bundle.code.lastIndexOf('//# sourceMappingURL='));
  return (
    hashOf(
      code.replace(bannerOf(benchFile), () => bannerOf(otherFile)),
      bundle.launch,
    ) === other.hash
  );
}

/** Lets bundled CommonJS find Node's modules and packages from the bench file's folder. */
export const bannerOf = (benchFile: string): string =>
  `import { createRequire as __budgetCreateRequire } from 'node:module';const require = __budgetCreateRequire(${JSON.stringify(pathToFileURL(benchFile).href)});`;
