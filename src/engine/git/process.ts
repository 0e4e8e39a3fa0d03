import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { dirname } from 'node:path';
import { killTree } from '../workers/processes.js';

/** Git failed in a way that says nothing about the repository's content: it could not start, hung, or reported damage. */
export class GitError extends Error {
  override readonly name = 'GitError';

  constructor(
    message: string,
    /** `ENOENT` if there is no `git` on the PATH, `ETIMEDOUT` if it was silent for too long. */
    readonly code: string | null = null,
  ) {
    super(message);
  }
}

export interface GitOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** How long Git may be silent before it is killed. */
  readonly timeoutMs?: number;
  /** The repository's own folder, where no folder of a working tree leads to it. */
  readonly gitFolder?: string;
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  /** Whether Git may start programs of the user, such as filters; they end with it. */
  readonly startsPrograms?: boolean;
}

export interface Output {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/**
 * The variables that Git sets for hooks (`git rev-parse --local-env-vars`, without the configuration). They would point
 * every command at the repository that runs the hook.
 */
const inherited = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_NAMESPACE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
];

const environment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !inherited.includes(name))),
  LC_ALL: 'C',
  GIT_OPTIONAL_LOCKS: '0',
  // Otherwise reading a partial clone would fetch missing objects over the network unasked.
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_ASKPASS: '',
  GCM_INTERACTIVE: 'never',
});

// No daemons, and no code from the repository: hooks would run on every ref that we write.
const settings = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'core.safecrlf=false', 'core.quotePath=false'];

/** What ends the processes with programs of the user, which are in groups of their own and would survive us. */
const endings = new Set<() => void>();
process.on('exit', () => {
  for (const end of endings) end();
});

/** The `git` on the PATH, running in one folder. */
export class GitProgram {
  readonly #env: NodeJS.ProcessEnv;
  /** Each with how to end it. */
  readonly #running = new Map<ChildProcessWithoutNullStreams, () => void>();
  readonly timeoutMs: number;

  constructor(
    readonly folder: string,
    readonly options: GitOptions,
  ) {
    const { gitFolder } = options;
    this.#env = {
      ...environment(options.env ?? process.env),
      // A folder that exists, because the one that its configuration names need not.
      ...(gitFolder === undefined ? {} : { GIT_DIR: gitFolder, GIT_WORK_TREE: gitFolder }),
    };
    this.timeoutMs = options.timeoutMs ?? 30_000;
  }

  spawn(
    args: readonly string[],
    { env = {}, startsPrograms = false }: RunOptions = {},
  ): ChildProcessWithoutNullStreams {
    const child = spawn('git', ['-C', this.folder, ...settings.flatMap((setting) => ['-c', setting]), ...args], {
      // Windows looks for programs in the current folder first, and a repository may hold a git.exe.
      cwd: dirname(process.execPath),
      env: { ...this.#env, ...env },
      windowsHide: true,
      // In a group of its own, so that all of it can be killed.
      detached: startsPrograms && process.platform !== 'win32',
    });
    // If the pipe breaks, the process ends too, and that is reported.
    child.stdin.on('error', () => undefined);
    const end = (): void => {
      if (startsPrograms) killTree(child);
      else child.kill('SIGKILL');
    };
    this.#running.set(child, end);
    if (startsPrograms) endings.add(end);
    child.on('close', () => {
      this.#running.delete(child);
      endings.delete(end);
    });
    return child;
  }

  /** Runs Git to its end, whatever the exit code. Rejects with `GitError` if Git did not start or was silent for too long. */
  run(args: readonly string[], options: RunOptions = {}): Promise<Output> {
    return new Promise((resolve, reject) => {
      const child = this.spawn(args, options);
      const stdout: Buffer[] = [];
      const stderr: Buffer[] = [];
      const timer = setTimeout(() => {
        this.#running.get(child)?.();
        reject(new GitError(`git ${args[0] ?? ''} did not answer in ${this.timeoutMs / 1000} s`, 'ETIMEDOUT'));
      }, this.timeoutMs);
      const heard = (chunks: Buffer[]) => (chunk: Buffer) => {
        timer.refresh();
        chunks.push(chunk);
      };
      child.stdout.on('data', heard(stdout));
      child.stderr.on('data', heard(stderr));
      child.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        reject(new GitError(`git could not be started: ${error.message}`, error.code));
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        resolve({ code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() });
      });
      child.stdin.end(options.input);
    });
  }

  /** Returns the standard output of a command that must succeed. Rejects with `GitError` in Git's own words if it fails. */
  async text(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code === 0) return stdout.toString();
    throw new GitError(`git ${args[0] ?? ''} failed: ${firstWords(stderr) || `exit code ${code ?? 'none'}`}`);
  }

  /** Kills everything that is still running. */
  dispose(): void {
    for (const end of this.#running.values()) end();
  }
}

/** Returns the line of standard error that says what went wrong, without Git's `fatal: `. */
export function firstWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((each) => /^(fatal|error): /.test(each)) ?? lines[0] ?? '';
  return line.replace(/^(fatal|error): /, '').trim();
}
