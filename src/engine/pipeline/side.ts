import { statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Loaded, Opened, Profile, ProjectName, Refused, Resolved } from '../../worker/pipeline/protocol.js';
import type { PipelineProcess } from './process.js';

/** Where a project's files are for its process, and where they are for us; the working tree is both. */
export interface Mapping {
  readonly theirs: string;
  readonly ours: string;
}

interface Kept {
  readonly source: string;
  readonly loaded: Promise<Loaded | Refused>;
}

/** Code that depends on which files there are. */
const listsFiles = /\bimport\.meta\.glob|\bimport\s*\(\s*`/;

/** A project that is open: what its specifiers and texts mean, as far as it is known already. Paths are ours. */
export class Side {
  readonly #resolved = new Map<string, Promise<Resolved | Refused>>();
  readonly #loaded = new Map<string, Kept>();
  /** The folders of the modules, by when something was last added to or deleted from each. */
  readonly #folders = new Map<string, number>();
  /** The `package.json` files of the modules, by when each last changed. Vite reads them once. */
  readonly #packages = new Map<string, number>();

  constructor(
    readonly process: PipelineProcess,
    readonly opened: Opened,
    readonly mapping: Mapping,
    /** Whether its files can change. */
    readonly changes: boolean,
  ) {}

  /** The configuration and what it depends on. */
  get dependencies(): readonly string[] {
    return this.opened.dependencies.map((file) => this.ours(file));
  }

  /** Whether a package of the repository says by now that its specifiers mean something else. */
  get hasOtherPackages(): boolean {
    return [...this.#packages].some(([file, known]) => changedAtNow(file) !== known);
  }

  /** Forgets what a new or deleted file may have changed. To be called before a build. */
  async refresh(): Promise<void> {
    if (!this.changes) return;
    for (const [folder, known] of this.#folders) {
      const now = await changedAt(folder);
      if (now === known) continue;
      this.#folders.set(folder, now);
      this.#resolved.clear();
    }
  }

  async profile(file: string): Promise<Profile | Refused> {
    const answer = await this.process.ask({ type: 'profile', file: this.theirs(file) });
    if (answer.type === 'refused') return this.#refused(answer);
    return { ...answer, setupFiles: answer.setupFiles.map((each) => this.ours(each)) };
  }

  resolve(project: ProjectName, specifier: string, importer: string): Promise<Resolved | Refused> {
    const key = JSON.stringify([project, specifier, importer]);
    const known = this.#resolved.get(key);
    if (known !== undefined) return known;
    const found = this.#resolve(project, specifier, importer);
    this.#resolved.set(key, found);
    // The file may be there the next time.
    const forget = (answer: Resolved | Refused): void => {
      if (answer.type === 'refused' || (answer.id === null && this.changes)) this.#resolved.delete(key);
    };
    found.then(forget, () => this.#resolved.delete(key));
    return found;
  }

  async load(project: ProjectName, id: string): Promise<Loaded | Refused> {
    const key = JSON.stringify([project, id]);
    const file = id.replace(/[?#].*$/, '');
    const source = path.isAbsolute(file) ? await readFile(this.theirs(file), 'utf8').catch(() => null) : null;
    const known = this.#loaded.get(key);
    if (source !== null && known?.source === source) return known.loaded;
    const loaded = this.#load(project, id, known !== undefined);
    if (source === null) return loaded;
    this.#loaded.set(key, { source, loaded });
    const answer = await loaded;
    const isKept = answer.type === 'loaded' && answer.watched.length === 0 && !listsFiles.test(source);
    // If the file has changed in between, the text belongs to another source.
    if (!isKept || (answer.source !== null && answer.source !== source)) this.#loaded.delete(key);
    return answer;
  }

  theirs(id: string): string {
    const { theirs, ours } = this.mapping;
    if (!isInside(id, ours) || isInside(id, theirs) || isPackageIn(id, ours)) return id;
    return theirs + id.slice(ours.length);
  }

  ours(id: string): string {
    const { theirs, ours } = this.mapping;
    return isInside(id, theirs) ? ours + id.slice(theirs.length) : id;
  }

  async #resolve(project: ProjectName, specifier: string, importer: string): Promise<Resolved | Refused> {
    const asked = path.isAbsolute(specifier) ? this.theirs(specifier) : specifier;
    const answer = await this.process.ask({
      type: 'resolve',
      project,
      specifier: asked,
      importer: this.theirs(importer),
    });
    if (answer.type === 'refused') return this.#refused(answer);
    const id = answer.id === null ? null : this.ours(answer.id);
    if (id !== null && path.isAbsolute(id) && this.changes && !id.includes('node_modules')) {
      const folder = path.dirname(id);
      if (!this.#folders.has(folder)) {
        this.#folders.set(folder, await changedAt(folder));
        for (const file of packagesAbove(folder)) this.#packages.set(file, changedAtNow(file));
      }
    }
    return { ...answer, id };
  }

  async #load(project: ProjectName, id: string, hasChanged: boolean): Promise<Loaded | Refused> {
    const answer = await this.process.ask({ type: 'load', project, id: this.theirs(id), hasChanged });
    if (answer.type === 'refused') return this.#refused(answer);
    const { theirs, ours } = this.mapping;
    if (theirs === ours) return answer;
    // Plugins write paths into code, and the old code is to see its own as if it were in the working tree.
    const plain = (text: string): string => text.replaceAll(`${theirs}/`, `${ours}/`);
    const map = answer.map === null ? null : plain(answer.map);
    return { ...answer, code: plain(answer.code), map, watched: answer.watched.map((file) => this.ours(file)) };
  }

  #refused(answer: Refused): Refused {
    const { theirs, ours } = this.mapping;
    const message = answer.message.replaceAll(`${theirs}/`, `${ours}/`);
    return { ...answer, message, ...(answer.file !== undefined && { file: this.ours(answer.file) }) };
  }
}

const isInside = (id: string, folder: string): boolean => id === folder || id.startsWith(`${folder}/`);
const isPackageIn = (id: string, folder: string): boolean => id.slice(folder.length).includes('/node_modules/');

/** Returns the `package.json` of a folder and of those above it, up to the first that is there. */
function packagesAbove(folder: string): readonly string[] {
  const own = path.join(folder, 'package.json');
  const above = path.dirname(folder);
  return above === folder || changedAtNow(own) !== 0 ? [own] : [own, ...packagesAbove(above)];
}

const changedAtNow = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

async function changedAt(folder: string): Promise<number> {
  return (await stat(folder).catch(() => null))?.mtimeMs ?? 0;
}
