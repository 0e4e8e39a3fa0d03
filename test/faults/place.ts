import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Random } from './random.js';

/** Where the program under test is. */
export interface Installation {
  /** The folder with `cli.js`, `engine.js` and `worker.js`. */
  readonly dist: string;
  /** `test/fixtures` of this repository. */
  readonly fixtures: string;
  /** The host of an engine: `editor.ts`, built. */
  readonly editor: string;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it had to be killed because it took longer than the limit. */
  readonly late: boolean;
  /** The command as one would type it. */
  readonly command: string;
}

export interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Kills it without a word after so many milliseconds. */
  readonly killAfterMs?: number;
  /** How long it may take before it counts as hanging. */
  readonly limitMs?: number;
  readonly running?: (child: ChildProcess) => void;
}

/** The developer's own settings must not matter. */
const inherited = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(GIT_|GITHUB_|CI$|NO_COLOR$|FORCE_COLOR$|NODE_|VITEST|TEST$|DEV$|PROD$|MODE$)/.test(name),
  ),
);

/** How much of each stream is kept. */
const outputLimit = 4_000_000;

/** One case: its own folder, repository, folder for temporary files and environment, and what went wrong in it. */
export class Place {
  readonly root: string;
  readonly tmp: string;
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
  readonly failures: string[] = [];
  readonly skips: string[] = [];
  readonly counts = new Map<string, number>();

  constructor(
    /** Holds everything of the case; it is made anew. */
    readonly folder: string,
    readonly installation: Installation,
    readonly random: Random,
  ) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    this.root = path.join(folder, 'repository');
    this.tmp = path.join(folder, 'tmp');
    for (const each of [this.root, this.tmp, path.join(folder, 'home')]) mkdirSync(each, { recursive: true });
    this.mark = `FAULT_CASE=${path.basename(path.dirname(folder))}/${path.basename(folder)}`;
    this.env = {
      ...(inherited as Record<string, string>),
      PATH: [path.dirname(process.execPath), inherited['PATH'] ?? ''].join(path.delimiter),
      FAULT_CASE: this.mark.slice('FAULT_CASE='.length),
      HOME: path.join(folder, 'home'),
      TMPDIR: this.tmp,
      NODE_DISABLE_COMPILE_CACHE: '1',
      GIT_CONFIG_NOSYSTEM: '1',
    };
  }

  fail(what: string): void {
    this.failures.push(what);
  }

  /** Says what could not be done here, so that nobody takes it for done. */
  skip(what: string): void {
    this.skips.push(what);
  }

  count(what: string, by = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + by);
  }

  /** Runs the command line to its end. */
  perfBudget(args: readonly string[], options: Options = {}): Promise<Ended> {
    return this.run(process.execPath, [path.join(this.installation.dist, 'cli.js'), ...args], options);
  }

  run(program: string, args: readonly string[], options: Options = {}): Promise<Ended> {
    const { cwd = this.root, env = {}, stdin, killAfterMs, limitMs = 120_000, running } = options;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        cwd,
        env: { ...this.env, ...env },
        stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      let stdout = '';
      let stderr = '';
      let late = false;
      child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout = (stdout + text).slice(-outputLimit)));
      child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-outputLimit)));
      child.stdin?.on('error', () => undefined).end(stdin);
      const timers = [
        ...(killAfterMs === undefined ? [] : [setTimeout(() => child.kill('SIGKILL'), killAfterMs)]),
        setTimeout(() => {
          late = true;
          child.kill('SIGKILL');
        }, limitMs),
      ];
      const words = args.map((arg) => (/^[\w./=:@%-]+$/.test(arg) ? arg : `'${arg}'`)).join(' ');
      const command = words.replace(path.join(this.installation.dist, 'cli.js'), 'perf-budget');
      const settle = (code: number | null, signal: NodeJS.Signals | null): void => {
        for (const timer of timers) clearTimeout(timer);
        resolve({ code, signal, stdout, stderr, late, command });
      };
      child.on('error', reject);
      // Who left a child with our output must not make us wait for it for ever.
      child.on('exit', (code, signal) => setTimeout(() => settle(code, signal), 2000).unref());
      child.on('close', settle);
      running?.(child);
    });
  }

  /** Fails the case where a command hung, was killed, showed a stack, or ended with another code than these. */
  expectEnd(ended: Ended, codes: readonly number[]): void {
    const { code, signal, late, command } = ended;
    const stack = stackIn(ended.stderr) ?? stackIn(ended.stdout);
    if (stack !== null) this.fail(`\`${command}\` printed a stack:\n${indented(stack)}`);
    else if (late) this.fail(`\`${command}\` hangs${shown(ended)}`);
    else if (code === null) this.fail(`\`${command}\` was ended by ${String(signal)}${shown(ended)}`);
    else if (!codes.includes(code))
      this.fail(`\`${command}\` ended with ${code}, not ${codes.join(' or ')}${shown(ended)}`);
  }
}

/** Returns the lines around a stack that a program printed; null if it printed none. */
function stackIn(text: string): string | null {
  const found = /^\s+at .+(?::\d+:\d+\)?|\(native\)|<anonymous>\))$/m.exec(text);
  return found === null ? null : text.slice(Math.max(0, found.index - 300), found.index + 300).trim();
}

const indented = (text: string): string => text.replaceAll(/^/gm, '    ');

/** The end of what it printed. */
function shown({ stdout, stderr }: Ended): string {
  const text = [stdout, stderr].map((each) => each.trim().slice(-1500)).filter((each) => each !== '');
  return text.length === 0 ? '' : `:\n${indented(text.join('\n'))}`;
}
