import { dirname } from 'node:path';
import { Child, type ChildEnd } from '../processes/child.js';
import { settle } from '../processes/settle.js';

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

/** Nothing that we ask for is longer. */
const mostOutput = 1024 ** 3;

/** The `git` on the PATH, running in one folder. */
export class GitProgram {
  readonly #env: NodeJS.ProcessEnv;
  readonly #running = new Set<Child>();
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

  spawn(args: readonly string[], { env = {}, startsPrograms = false }: RunOptions = {}): Child {
    const child = new Child('git', ['-C', this.folder, ...settings.flatMap((setting) => ['-c', setting]), ...args], {
      // Windows looks for programs in the current folder first, and a repository may hold a git.exe.
      cwd: dirname(process.execPath),
      env: { ...this.#env, ...env },
      stdio: 'pipe',
      startsPrograms,
    });
    this.#running.add(child);
    void child.ended.then(() => this.#running.delete(child));
    return child;
  }

  /** Runs Git to its end, whatever the exit code. Rejects with `GitError` if Git did not start or was silent for too long. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Output> {
    const child = this.spawn(args, options);
    const { timeoutMs } = this;
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    const settled = await settle<never, ChildEnd>({ ended: child.ended, timeoutMs }, (_, heard) => {
      const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
        bytes += chunk.length;
        // What prints without an end is not alive.
        if (bytes > mostOutput) return;
        heard();
        chunks.push(chunk);
      };
      child.stdout?.on('data', keep(stdout));
      child.stderr?.on('data', keep(stderr));
      child.stdin?.end(options.input);
    });
    if (settled.kind !== 'ended') {
      child.kill();
      throw new GitError(`git ${args[0] ?? ''} did not answer in ${timeoutMs / 1000} s`, 'ETIMEDOUT');
    }
    const { end } = settled;
    if (end.kind === 'unstarted')
      throw new GitError(`git could not be started: ${end.error.message}`, end.error.code ?? null);
    return { code: end.code, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() };
  }

  /** Returns the standard output of a command that must succeed. Rejects with `GitError` in Git's own words if it fails. */
  async text(args: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code === 0) return stdout.toString();
    throw new GitError(`git ${args[0] ?? ''} failed: ${firstWords(stderr) || `exit code ${code ?? 'none'}`}`);
  }

  /** Kills everything that is still running. */
  dispose(): void {
    for (const child of this.#running) child.kill();
  }
}

/** Returns the line of standard error that says what went wrong, without Git's `fatal: `. */
export function firstWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const line = lines.find((each) => /^(fatal|error): /.test(each)) ?? lines[0] ?? '';
  return line.replace(/^(fatal|error): /, '').trim();
}
