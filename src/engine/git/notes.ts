import { setTimeout as sleep } from 'node:timers/promises';
import { err, ok, type Result } from '../../core/result.js';
import { GitProgram, firstWords, type GitOptions } from './process.js';

/** The notes that a team shares: one text per commit, with one line of JSON per run. */
export const notesRef = 'refs/notes/perf-budget';

/** Lines by commit, one character per byte, so that lines that are not ours stay as they are. */
export type NoteLines = ReadonlyMap<string, readonly string[]>;

const person = 'Perf Budget <perf-budget@localhost>';
const identity = {
  ...{ GIT_AUTHOR_NAME: 'Perf Budget', GIT_AUTHOR_EMAIL: 'perf-budget@localhost' },
  ...{ GIT_COMMITTER_NAME: 'Perf Budget', GIT_COMMITTER_EMAIL: 'perf-budget@localhost' },
};
/** How often to try if somebody else writes first. */
const mostTries = 10;
const isBetween = /fetch first|non-fast-forward|stale info|cannot lock ref|failed to update ref|incorrect old value/;

/** The notes of one repository. Every method rejects with `GitError` if Git itself cannot answer. */
export class Notes {
  readonly #program: GitProgram;

  constructor(root: string, options: GitOptions = {}) {
    this.#program = new GitProgram(root, options);
  }

  async read(): Promise<NoteLines> {
    const { code, stdout } = await this.#program.run(['notes', '--ref', notesRef, 'list']);
    if (code !== 0) return new Map();
    const listed = stdout
      .toString()
      .split('\n')
      .filter((line) => line !== '');
    const ids = listed.map((line) => line.split(' '));
    const input = ids.map(([blob = '']) => `${blob}\n`).join('');
    const { stdout: texts } = await this.#program.run(['cat-file', '--batch'], { input });
    const notes = new Map<string, readonly string[]>();
    let at = 0;
    for (const [, commit = ''] of ids) {
      const header = texts.toString('latin1', at, texts.indexOf(10, at));
      const size = Number(header.split(' ')[2]);
      // A note that is not text, or is not here (a partial clone), is not ours.
      at += header.length + 1;
      if (!/ blob \d+$/.test(header)) continue;
      notes.set(commit, linesOf(texts.toString('latin1', at, at + size)));
      at += size + 1;
    }
    return notes;
  }

  /** Adds lines to the notes of their commits in one step, and returns how many. Leaves out commits that are not here. */
  async add(lines: NoteLines, now: number): Promise<Result<number, string>> {
    for (let tries = 1; ; tries++) {
      const wanted = await this.#here(lines);
      if (wanted.length === 0) return ok(0);
      const before = await this.read();
      const tip = await this.#tip(notesRef);
      const commands = wanted.map(([commit, added]) => {
        const all = [...new Set([...(before.get(commit) ?? []), ...added])].sort();
        const text = all.map((line) => `${line}\n`).join('');
        return `N inline ${commit}\ndata ${text.length}\n${text}\n`;
      });
      const message = 'Keep runs of Perf Budget';
      const head = `commit ${notesRef}\ncommitter ${person} ${Math.floor(now / 1000)} +0000\ndata ${message.length}\n${message}\n`;
      const input = Buffer.from(`${head}${tip === null ? '' : `from ${tip}\n`}${commands.join('')}`, 'latin1');
      const written = await this.#program.run(['fast-import', '--quiet'], { input });
      if (written.code === 0) return ok(wanted.reduce((sum, [, added]) => sum + added.length, 0));
      const why = firstWords(written.stderr);
      if (tries >= mostTries || (await this.#tip(notesRef)) === tip) return err(`Git cannot store the runs: ${why}.`);
      await pause(tries);
    }
  }

  /** Merges the notes here with those of the remote. Afterwards both sides have every line of either. */
  async exchange(remote: string): Promise<Result<null, string>> {
    for (let tries = 1; ; tries++) {
      const listed = await this.#program.run(['ls-remote', '--', remote, notesRef]);
      if (listed.code !== 0) return err(`${remote} cannot be read: ${firstWords(listed.stderr)}.`);
      if (listed.stdout.length > 0) {
        const merged = await this.#merge(remote);
        if (!merged.ok) return merged;
      }
      const tip = await this.#tip(notesRef);
      if (tip === null || listed.stdout.toString().startsWith(tip)) return ok(null);
      const pushed = await this.#program.run(['push', '--porcelain', '--', remote, `${notesRef}:${notesRef}`]);
      if (pushed.code === 0) return ok(null);
      const why = `${pushed.stdout.toString()}\n${pushed.stderr}`;
      if (!isBetween.test(why)) {
        const refused = /^!\t\S+\t(.*)$/m.exec(why)?.[1] ?? firstWords(pushed.stderr);
        return err(`${remote} rejected the runs: ${refused}.`);
      }
      if (tries >= mostTries) return err(`${remote} changed during each of ${tries} attempts: try again.`);
      await pause(tries);
    }
  }

  dispose(): void {
    this.#program.dispose();
  }

  async #merge(remote: string): Promise<Result<null, string>> {
    const theirs = `refs/perf-budget/notes-${process.pid}`;
    try {
      const fetched = await this.#program.run([
        ...['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance'],
        ...['--', remote, `+${notesRef}:${theirs}`],
      ]);
      if (fetched.code !== 0) return err(`${remote} cannot be read: ${firstWords(fetched.stderr)}.`);
      const args = ['notes', '--ref', notesRef, 'merge', '--quiet', '--strategy', 'cat_sort_uniq', theirs];
      const merged = await this.#program.run(args, { env: identity });
      return merged.code === 0 ? ok(null) : err(`Git cannot merge the runs: ${firstWords(merged.stderr)}.`);
    } finally {
      await this.#program.run(['update-ref', '-d', theirs]);
    }
  }

  async #here(lines: NoteLines): Promise<readonly (readonly [commit: string, lines: readonly string[]])[]> {
    const all = [...lines];
    const input = all.map(([commit]) => `${commit}\n`).join('');
    const objects = (await this.#program.text(['cat-file', '--batch-check'], { input })).split('\n');
    return all.filter((_, index) => / commit \d+$/.test(objects[index] ?? ''));
  }

  async #tip(ref: string): Promise<string | null> {
    const { code, stdout } = await this.#program.run(['rev-parse', '--verify', '--quiet', ref]);
    return code === 0 ? stdout.toString().trim() : null;
  }
}

const linesOf = (text: string): readonly string[] => text.split('\n').filter((line) => line.trim() !== '');

/** Waits for a random time, so that two processes that collided do not collide again. */
const pause = (tries: number): Promise<void> => sleep(tries * 50 * (1 + Math.random()));
