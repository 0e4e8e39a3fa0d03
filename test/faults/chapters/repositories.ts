import { chmodSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { git, write } from '../../engine/repository.js';
import { before, expectAftermath } from '../aftermath.js';
import type { Chapter } from '../chapter.js';
import { check, expectHealthy, makeRepository, work } from '../healthy.js';
import type { Place } from '../place.js';

/** A repository that wants programs to run when somebody looks at it. */
interface Kind {
  readonly name: string;
  /** Sets the trap in a repository that is all right. */
  readonly set: (place: Place) => void;
  /** What is in the environment of those who look. */
  readonly env?: (place: Place) => Readonly<Record<string, string>>;
}

const marks = (place: Place): string => path.join(place.folder, 'marks');

/** Returns a program that leaves a mark with this name wherever it is started. */
function trap(place: Place, name: string): string {
  const file = path.join(place.folder, 'traps', name.replaceAll(/[^\w-]/g, '_'));
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n: > "${marks(place)}/${path.basename(file)}"\ncat\nexit 0\n`);
  chmodSync(file, 0o755);
  return file;
}

/** The same as a shell command that is safe in a URL or a name. */
const touch = (place: Place, name: string): string => `touch ${marks(place)}/${name}`;

function configure(place: Place, names: readonly string[]): void {
  for (const name of names) git(place.root, 'config', name, trap(place, name));
}

const hookNames = [
  ...[
    'applypatch-msg',
    'pre-applypatch',
    'post-applypatch',
    'pre-commit',
    'pre-merge-commit',
    'prepare-commit-msg',
    'commit-msg',
  ],
  ...[
    'post-commit',
    'pre-rebase',
    'post-checkout',
    'post-merge',
    'pre-push',
    'post-rewrite',
    'post-index-change',
    'pre-auto-gc',
  ],
  ...[
    'reference-transaction',
    'fsmonitor-watchman',
    'sendemail-validate',
    'p4-changelist',
    'proc-receive',
    'update',
    'post-update',
  ],
];

const hooksIn = (place: Place, folder: string): void => {
  mkdirSync(folder, { recursive: true });
  for (const name of hookNames) {
    write(folder, { [name]: `#!/bin/sh\n${touch(place, `hook-${name}`)}\n` });
    chmodSync(path.join(folder, name), 0o755);
  }
};

const programs = [
  ...[
    'core.pager',
    'core.editor',
    'sequence.editor',
    'core.sshCommand',
    'core.askPass',
    'core.gitProxy',
    'core.alternateRefsCommand',
  ],
  ...[
    'credential.helper',
    'gpg.program',
    'gpg.ssh.program',
    'diff.external',
    'interactive.diffFilter',
    'uploadpack.packObjectsHook',
  ],
  ...[
    'pager.log',
    'pager.show',
    'pager.diff',
    'pager.status',
    'browser.x.cmd',
    'mergetool.x.cmd',
    'difftool.x.cmd',
    'man.x.cmd',
  ],
];

const commands = [
  'status',
  'log',
  'show',
  'cat-file',
  'rev-parse',
  'ls-files',
  'ls-tree',
  'diff',
  'notes',
  'update-ref',
  'worktree',
  'checkout',
  'for-each-ref',
];

const oddNames = [
  '-x',
  '--output=mark',
  'a b',
  "it's",
  'quo"te',
  'new\nline',
  '$(touch mark)',
  '`touch mark`',
  ';touch mark;',
  'e\u0301',
  '日本',
  'back\\slash',
  '%s%n',
  '*',
  '~',
  '#',
  ':(top)x',
  '.gitattributes~',
];

const kinds: readonly Kind[] = [
  {
    name: 'hooks of every kind',
    set: (place) => {
      hooksIn(place, path.join(place.root, '.git/hooks'));
    },
  },
  {
    name: 'hooks in a folder of the repository',
    set: (place) => {
      hooksIn(place, path.join(place.root, 'hooks'));
      git(place.root, 'config', 'core.hooksPath', 'hooks');
    },
  },
  { name: 'core.fsmonitor', set: (place) => configure(place, ['core.fsmonitor']) },
  {
    name: 'core.fsmonitor in an included file',
    set: (place) => {
      write(place.root, {
        'evil.config': `[core]\n\tfsmonitor = ${trap(place, 'included')}\n\thooksPath = ${place.root}/hooks\n`,
      });
      hooksIn(place, path.join(place.root, 'hooks'));
      git(place.root, 'config', 'include.path', '../evil.config');
    },
  },
  {
    name: 'core.fsmonitor of a worktree',
    set: (place) => {
      git(place.root, 'config', 'extensions.worktreeConfig', 'true');
      write(place.root, { '.git/config.worktree': `[core]\n\tfsmonitor = ${trap(place, 'worktree')}\n` });
    },
  },
  {
    name: 'pagers, editors, signing, credentials',
    set: (place) => {
      configure(place, programs);
      git(place.root, 'config', 'commit.gpgSign', 'true');
    },
  },
  {
    name: 'aliases with the names of commands',
    set: (place) => {
      for (const name of commands) git(place.root, 'config', `alias.${name}`, `!${trap(place, `alias-${name}`)}`);
    },
  },
  {
    name: 'programs in the environment',
    set: () => undefined,
    env: (place) =>
      Object.fromEntries(
        [
          'GIT_EXTERNAL_DIFF',
          'GIT_PAGER',
          'GIT_EDITOR',
          'GIT_SSH_COMMAND',
          'GIT_SSH',
          'GIT_ASKPASS',
          'SSH_ASKPASS',
          'GIT_PROXY_COMMAND',
          'PAGER',
          'EDITOR',
          'VISUAL',
        ].map((name) => [name, trap(place, name)]),
      ),
  },
  {
    name: 'diffs and merges with programs',
    set: (place) => {
      write(place.root, { '.gitattributes': '* -text diff=evil merge=evil\n' });
      configure(place, ['diff.evil.textconv', 'diff.evil.command', 'merge.evil.driver']);
      git(place.root, 'config', 'diff.evil.cachetextconv', 'true');
    },
  },
  {
    name: 'attributes that name a filter which nobody configured, and LFS pointers',
    set: (place) => {
      const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`;
      write(place.root, {
        '.gitattributes': '* -text\n*.bin filter=lfs diff=lfs merge=lfs -text\nsrc/part.ts filter=evil ident\n',
        'data.bin': pointer,
      });
      git(place.root, 'add', '.gitattributes', 'data.bin');
      git(place.root, 'commit', '--quiet', '--message', 'attributes');
    },
  },
  {
    name: 'submodules with URLs that run programs',
    set: (place) => {
      const url = `ext::sh -c ${touch(place, 'submodule').replaceAll(' ', '% ')}`;
      write(place.root, {
        '.gitmodules': `[submodule "sub"]\n\tpath = sub\n\turl = "${url}"\n\tupdate = !${touch(place, 'update')}\n[submodule "-x"]\n\tpath = -x\n\turl = file:///\n`,
      });
      git(place.root, 'config', 'protocol.ext.allow', 'always');
      git(place.root, 'config', 'submodule.sub.url', url);
      git(place.root, 'config', 'submodule.sub.update', `!${touch(place, 'update')}`);
      git(place.root, 'config', 'submodule.recurse', 'true');
      git(place.root, 'update-index', '--add', '--cacheinfo', `160000,${git(place.root, 'rev-parse', 'HEAD')},sub`);
      git(place.root, 'add', '.gitmodules');
      git(place.root, 'commit', '--quiet', '--message', 'submodule');
    },
  },
  {
    name: 'a partial clone whose remote runs a program',
    set: (place) => {
      const url = `ext::sh -c ${touch(place, 'promisor').replaceAll(' ', '% ')}`;
      for (const [name, value] of [
        ['remote.origin.url', url],
        ['remote.origin.promisor', 'true'],
        ['remote.origin.partialclonefilter', 'blob:none'],
        ['extensions.partialClone', 'origin'],
        ['core.repositoryFormatVersion', '1'],
        ['protocol.ext.allow', 'always'],
      ] as const)
        git(place.root, 'config', name, value);
      // An object that is not there.
      const id = git(place.root, 'rev-parse', 'HEAD:src/part.ts');
      const file = path.join(place.root, '.git/objects', id.slice(0, 2), id.slice(2));
      renameSync(file, path.join(place.folder, 'object'));
    },
  },
  {
    name: 'odd names of files',
    set: (place) => {
      for (const name of oddNames)
        write(place.root, { [`odd/${name}`]: 'odd\n', [name.includes('/') ? 'odd/other' : name]: 'odd\n' });
      git(place.root, 'add', '--all', '--', '.');
      git(place.root, 'commit', '--quiet', '--message', 'odd');
      for (const name of oddNames) write(place.root, { [`odd/${name}`]: 'changed\n' });
    },
  },
  {
    name: 'odd names of branches and tags',
    set: (place) => {
      for (const name of ['$(touch-mark)', "it's", 'HEAD', '日本', 'refs/heads/x', ';x', '@', '-x'])
        try {
          git(place.root, 'update-ref', `refs/heads/${name}`, 'HEAD');
          git(place.root, 'update-ref', `refs/tags/${name}`, 'HEAD');
        } catch {
          /* Git itself refuses it. */
        }
      git(place.root, 'symbolic-ref', 'HEAD', 'refs/heads/$(touch-mark)');
    },
  },
  {
    name: '.git as a symbolic link',
    set: (place) => {
      const moved = path.join(place.folder, 'moved.git');
      renameSync(path.join(place.root, '.git'), moved);
      symlinkSync(moved, path.join(place.root, '.git'));
      hooksIn(place, path.join(moved, 'hooks'));
    },
  },
  {
    name: '.git as a file',
    set: (place) => {
      const moved = path.join(place.folder, 'moved.git');
      renameSync(path.join(place.root, '.git'), moved);
      writeFileSync(path.join(place.root, '.git'), `gitdir: ${moved}\n`);
      hooksIn(place, path.join(moved, 'hooks'));
    },
  },
  {
    name: 'symbolic links out of the repository',
    set: (place) => {
      symlinkSync('/etc', path.join(place.root, 'etc'));
      git(place.root, 'add', '--all', '--', 'etc');
      git(place.root, 'commit', '--quiet', '--message', 'links');
    },
  },
];

export const repositories: Chapter = {
  name: 'repositories',
  title: 'repositories that want to run programs when old code is looked at',
  share: 1,
  cases: kinds.length,
  label: (number) => kinds[number]?.name ?? '',
  async run(place, number) {
    if (process.platform === 'win32') {
      place.skip('traps are shell scripts');
      return;
    }
    makeRepository(place);
    git(place.root, 'commit', '--quiet', '--all', '--message', 'second');
    write(place.root, { 'src/work.ts': work(2_050), 'src/part.ts': 'export const part = 4;\n' });
    mkdirSync(marks(place), { recursive: true });
    mkdirSync(path.join(place.folder, 'out'), { recursive: true });
    kinds[number]?.set(place);
    const env = kinds[number]?.env?.(place) ?? {};
    for (const mark of readdirSync(marks(place))) place.fail(`the campaign itself set off ${mark}`);
    const then = before(place);

    const checked = await check(place, [], { env });
    place.expectEnd(checked, [1]);
    expectHealthy(place, checked, 'in this repository');
    // It looks like an option, and like a shell's command.
    for (const against of ['HEAD~1', `--output=${marks(place)}/option`, `$(${touch(place, 'against')})`]) {
      const other = await place.perfBudget(['check', 'healthy', '--against', against], { env });
      place.expectEnd(other, [0, 1, 2, 3]);
    }
    for (const args of [
      ['history', '--backfill', '2', '--time', '50ms'],
      ['history', '--share'],
      ['capture', '--name', 'v1', '--reason', 'slow is known'],
      ['capture', '--use', 'none'],
    ])
      place.expectEnd(await place.perfBudget(args, { env }), [0, 1, 3]);
    for (const mark of readdirSync(marks(place))) place.fail(`looking at it ran ${mark}`);
    place.count('commands', 8);
    await expectAftermath(place, then);
    for (const mark of readdirSync(marks(place))) place.fail(`looking at it again ran ${mark}`);
  },
};
