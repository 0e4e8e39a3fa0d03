import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { commit, git, remove, temporaryFolder, write } from '../engine/repository.js';
import { config, files, project, work } from './project.js';
import { checked, perfBudget, seen, type Ended } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

function kept(folder: string): string {
  folders.push(folder);
  return folder;
}

const folder = 'perf-budget.baselines';
const read = (root: string, file: string): string => readFileSync(path.join(root, folder, file), 'utf8');

/** What stands in a file, figures and ids made the same from run to run. */
const steadyFile = (text: string): string =>
  text
    .replaceAll(/"[0-9a-f]{40}"/g, '"COMMIT"')
    .replace(/"captured": "[^"]*"/, '"captured": "WHEN"')
    .replace(/"machine": \{.*\}/, '"machine": MACHINE')
    .replaceAll(/\{ "value": [^}]*\}/g, 'ESTIMATE');

const lastLines = ({ stdout }: Ended, count: number): string =>
  seen({ code: null, stdout: stdout.trimEnd().split('\n').slice(-count).join('\n'), stderr: '' })
    .split('\n')
    .slice(1)
    .join('\n');

describe('a capture', () => {
  test('without a broken limit needs no reason, and its code is the commit that others have, too', async () => {
    const root = kept(project());
    const ended = await perfBudget(root, ['capture', '--name', 'v1']);
    expect(seen(ended)).toMatchInlineSnapshot(`
      "exit code 0
      ✓ steady   TIME   same code   allowed TIME   src/steady.ts:2
      ✓ growing   TIME   same code   allowed 10%   src/growing.ts:2

      2 passed in TIME vs HEAD (COMMIT)

      The baseline is now v1 (COMMIT).
      perf-budget.baselines/v1.json has its figures. Commit it."
    `);
    expect(readdirSync(path.join(root, folder)).sort()).toEqual(['current', 'v1.json']);
    expect(read(root, 'current')).toBe('v1\n');
    expect(read(root, 'v1.json')).toContain(`"commit": "${git(root, 'rev-parse', 'HEAD')}"`);
    expect(steadyFile(read(root, 'v1.json'))).toMatchInlineSnapshot(`
      "{
        "version": 1,
        "name": "v1",
        "captured": "WHEN",
        "automatic": false,
        "reason": "",
        "commit": "COMMIT",
        "machine": MACHINE,
        "accepts": [],
        "figures": [
          { "budget": "growing", "benchmark": "growing", "verdict": "pass", "metrics": { "time": ESTIMATE }, "procedure": { "warmup": null, "runs": null, "cooldown": null, "time": "2 s" } },
          { "budget": "steady", "benchmark": "steady", "verdict": "pass", "metrics": { "time": ESTIMATE }, "procedure": { "warmup": null, "runs": null, "cooldown": null, "time": "2 s" } }
        ]
      }
      "
    `);
    // Captured again, what an earlier capture has left in the folder makes no difference to the code.
    git(root, 'add', '--all');
    git(root, 'commit', '--quiet', '--message', 'a baseline');
    await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'again', '--replace']);
    await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'and again', '--replace']);
    expect(read(root, 'v1.json')).toContain(`"commit": "${git(root, 'rev-parse', 'HEAD')}"`);
    expect(read(root, 'v1.json')).not.toContain('"uncommitted"');
  });

  test('with a broken limit needs one, and says what it accepts', async () => {
    const root = kept(project());
    const target = config.replace('"limit": ["time <= 1 s"]', '"target": ["time <= 1 ns"], "limit": ["time <= 1 s"]');
    write(root, { 'src/growing.ts': work(60_000), 'perf-budget.jsonc': target });
    const refused = await perfBudget(root, ['capture', '--name', 'v2']);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 2,
      stderr: 'Nothing was captured because growing is over its limit. To accept that, give a reason (--reason "…").\n',
    });
    expect(existsSync(path.join(root, folder))).toBe(false);
    const automatic = await perfBudget(root, ['capture', '--auto', '--reason', 'because']);
    expect({ code: automatic.code, stderr: automatic.stderr }).toEqual({
      code: 1,
      stderr:
        'Nothing was captured because growing is over its limit. To accept that, capture by hand and give a reason.\n',
    });
    expect(existsSync(path.join(root, folder))).toBe(false);
    const accepted = await perfBudget(root, ['capture', '--name', 'v2', '--reason', 'it does more']);
    expect({ code: accepted.code, stderr: accepted.stderr }).toEqual({ code: 0, stderr: '' });
    expect(lastLines(accepted, 6)).toMatchInlineSnapshot(`
      "It accepts:
        steady takes TIME (TIME to TIME); its target is TIME.
        growing is SHARE slower than HEAD (INTERVAL); its budget allows 10%.

      The baseline is now v2 (COMMIT): it does more
      perf-budget.baselines/v2.json has its figures. Commit it. The code has uncommitted changes, so other clones will have only its figures."
    `);
    expect(steadyFile(read(root, 'v2.json'))).toContain('"uncommitted": { "on": "COMMIT" }');
    expect(read(root, 'v2.json')).toMatch(
      /"accepts": \[\n {4}"steady takes .*",\n {4}"growing is .* slower than HEAD .*"\n {2}\]/,
    );
  });

  test('that nobody looks at is made once a day, and measures as it is told', async () => {
    const root = kept(project());
    const calm = config.replace(
      '  },\n}',
      '  },\n  "defaults": { "capture": { "warmup": 5, "runs": 3, "cooldown": "50 ms", "time": "1 s" } },\n}',
    );
    write(root, { 'perf-budget.jsonc': calm });
    const first = await perfBudget(root, ['capture', '--auto']);
    expect({ code: first.code, stderr: first.stderr }).toEqual({ code: 0, stderr: '' });
    const [file = ''] = readdirSync(path.join(root, folder)).filter((name) => name !== 'current');
    expect(file).toMatch(/^\d{4}-\d{2}-\d{2}\.json$/);
    const text = read(root, file);
    expect(text).toContain('"automatic": true');
    const procedure = '"procedure": { "warmup": 5, "runs": 3, "cooldown": "50 ms", "time": "1 s" }';
    expect(text.split('\n').filter((line) => line.includes(procedure))).toHaveLength(2);
    expect(seen(await perfBudget(root, ['capture', '--auto']))).toBe(
      'exit code 0\nThe baseline was already captured today. Capture another one with --name.',
    );
  });

  test('is listed, switched, and left for git again', async () => {
    const root = kept(project());
    expect(seen(await perfBudget(root, ['capture', '--list']))).toMatchInlineSnapshot(`
      "exit code 0
      No baseline has been captured yet. Run perf-budget capture."
    `);
    await perfBudget(root, ['capture', '--name', 'v1', '--time', '500ms']);
    write(root, { 'src/growing.ts': work(60_000) });
    await perfBudget(root, ['capture', '--name', 'release/2', '--reason', 'it does more']);
    const list = async (): Promise<string> =>
      seen(await perfBudget(root, ['capture', '--list'])).replaceAll(
        / {3}(?:(?! {3}).)*, \d+ cores?, Node [\d.]+/g,
        '   MACHINE',
      );
    expect(await list()).toMatchInlineSnapshot(`
      "exit code 0
         name   captured   code   machine   reason
      *   release/2   WHEN   COMMIT + changes   MACHINE   it does more
         v1   WHEN   COMMIT   MACHINE   –"
    `);
    expect(seen(await perfBudget(root, ['capture', '--use', 'v1']))).toMatchInlineSnapshot(`
      "exit code 0
      The baseline is now v1."
    `);
    expect((await perfBudget(root, ['check', 'growing'])).stdout).toMatch(/^1 failed in .* vs v1 \(/m);
    expect((await list()).split('\n').slice(2)).toMatchInlineSnapshot(`
      [
        "   release/2   WHEN   COMMIT + changes   MACHINE   it does more",
        "*   v1   WHEN   COMMIT   MACHINE   –",
      ]
    `);
    expect(seen(await perfBudget(root, ['capture', '--use', 'none']))).toMatchInlineSnapshot(`
      "exit code 0
      No captured baseline is current now, so results are compared with git."
    `);
    expect((await perfBudget(root, ['check', 'growing'])).stdout).toMatch(/^1 failed in .* vs HEAD \(/m);
    expect(seen(await perfBudget(root, ['capture', '--use', 'v3']))).toMatchInlineSnapshot(`
      "exit code 2

      --- standard error
      perf-budget: No captured baseline is named "v3". There are release/2, v1. To compare with a revision, set "baseline" in perf-budget.jsonc; to compare with git again, use --use none."
    `);
  });

  test('replaces another one only if it is told to', async () => {
    const root = kept(project());
    await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'first', '--time', '500ms']);
    const again = ['capture', '--name', 'v1', '--reason', 'second', '--time', '500ms'];
    const refused = await perfBudget(root, again);
    expect({ ...refused, stderr: refused.stderr.replace(/\d{4}-\d\d-\d\d/, 'DAY') }).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'perf-budget: There is a baseline v1 already, captured on DAY. Replace it with --replace, or choose another name.\n',
    });
    expect(read(root, 'v1.json')).toContain('"reason": "first"');
    expect((await perfBudget(root, [...again, '--replace'])).code).toBe(0);
    expect(read(root, 'v1.json')).toContain('"reason": "second"');
    const other = async (name: string): Promise<string> => seen(await perfBudget(root, ['capture', '--name', name]));
    expect(await other('V1')).toContain('There is a baseline v1, and Windows and macOS take V1 for the same name.');
    expect(await other('main')).toContain(
      'A baseline cannot be named main, because that is a branch in Git. Choose a name such as v3.0.0.',
    );
    git(root, 'tag', 'v2');
    expect((await perfBudget(root, ['capture', '--name', 'v2', '--time', '500ms'])).code).toBe(0);
  });

  test('is deleted with its code, but not while it is the current one', async () => {
    const root = kept(project());
    const refs = (): string => git(root, 'for-each-ref', '--format=%(refname)', 'refs/perf-budget');
    for (const name of ['v1', 'v2']) await perfBudget(root, ['capture', '--name', name, '--time', '500ms']);
    expect(refs()).toBe('refs/perf-budget/v1\nrefs/perf-budget/v2');
    const end = async (name: string): Promise<string> => seen(await perfBudget(root, ['capture', '--delete', name]));
    expect(await end('v2')).toMatchInlineSnapshot(`
      "exit code 2

      --- standard error
      perf-budget: v2 is the current baseline, so it was not deleted. Choose another with --use <name>, or compare with git with --use none."
    `);
    expect(await end('v9')).toMatchInlineSnapshot(`
      "exit code 2

      --- standard error
      perf-budget: No captured baseline is named "v9". There are v2, v1."
    `);
    expect(refs()).toBe('refs/perf-budget/v1\nrefs/perf-budget/v2');
    expect(await end('v1')).toMatchInlineSnapshot(`
      "exit code 0
      The baseline v1 was deleted."
    `);
    expect(refs()).toBe('refs/perf-budget/v2');
    expect(readdirSync(path.join(root, folder)).sort()).toEqual(['current', 'v2.json']);
  });

  test.each([
    [['--list', '--name', 'v1']],
    [['--delete', 'v1', '--list']],
    [['--use', 'v1', '--auto']],
    [['--use', 'v1', '--list']],
    [[]],
    [['--name', 'none']],
    [['--name', 'HEAD']],
  ])('is used wrongly: %j', async (args) => {
    const root = kept(temporaryFolder());
    expect(seen(await perfBudget(root, ['capture', ...args]))).toMatchSnapshot();
  });
});

describe('a baseline whose code is not here', () => {
  /** A clone of a repository whose current baseline has code that was never committed. */
  async function clone(): Promise<string> {
    const outer = kept(temporaryFolder());
    const origin = kept(project());
    write(origin, { 'src/steady.ts': work(20_001) });
    await perfBudget(origin, ['capture', '--name', 'v1', '--reason', 'a try']);
    git(origin, 'add', folder);
    git(origin, 'commit', '--quiet', '--message', 'a baseline');
    // A plain path would bring every object, and not only what a branch has.
    git(outer, 'clone', '--quiet', `file://${origin}`, 'clone');
    return path.join(outer, 'clone');
  }

  test('is held to its figures on the same machine, and it is said', async () => {
    const root = await clone();
    write(root, { 'src/growing.ts': work(200_000) });
    expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
      "exit code 1
      ✗ growing   TIME   allowed 10%   src/growing.ts:2

      growing takes TIME (TIME to TIME); its budget allows TIME (baseline + 10%).
        perf-budget.jsonc:5:5  time <= baseline + 10%
        Make it faster, or accept it: perf-budget capture --name <name> --reason <text>

      growing: the code of v1 (COMMIT) is not in this clone; compared with the figures of v1, measured at another time.

      1 failed in TIME vs the figures of v1 (COMMIT)"
    `);
    const { stdout } = await perfBudget(root, ['check', 'growing', '--json', '-']);
    const [budget] = (JSON.parse(stdout) as { budgets: { comparison: unknown; verdict: string; cached: boolean }[] })
      .budgets;
    expect(budget).toMatchObject({ comparison: null, verdict: 'fail', cached: true });
  });

  test('is not compared with on another machine, and it is said', async () => {
    const root = await clone();
    write(root, { 'src/growing.ts': work(200_000) });
    const file = path.join(root, folder, 'v1.json');
    const other =
      '"machine": { "id": "0123456789abcdef", "cpu": "Other 9000", "cores": 64, "os": "X", "node": "24.0.0" }';
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"machine": \{.*\}/, other));
    expect((await checked(root, ['check', 'growing'])).replaceAll(/\d{4}-\d\d-\d\d/g, 'DAY')).toMatchInlineSnapshot(`
      "exit code 0
      ? growing   TIME   not compared   allowed 10%   src/growing.ts:2

      growing: not compared: the code of v1 (COMMIT) is not in this clone; its figures of DAY are from another machine (Other 9000, 64 cores) and do not apply to this one.

      1 not compared in TIME vs v1 (COMMIT)"
    `);
  });
});

describe('a file with both sides of a merge', () => {
  test('costs nothing where the code is here, says so, and is written anew by a capture', async () => {
    const root = kept(project());
    await perfBudget(root, ['capture', '--name', 'v1', '--time', '500ms']);
    commit(root, {});
    const fork = git(root, 'rev-parse', 'HEAD');
    for (const [branch, reason] of [
      ['left', 'one way'],
      ['right', 'or another'],
    ] as const) {
      git(root, 'checkout', '--quiet', '-b', branch, fork);
      await perfBudget(root, ['capture', '--name', 'v1', '--reason', reason, '--time', '500ms', '--replace']);
      commit(root, {});
    }
    expect(() => git(root, 'merge', 'left')).toThrow();
    expect(git(root, 'diff', '--name-only', '--diff-filter=U')).toBe(`${folder}/v1.json`);
    expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
      "exit code 0
      ✓ growing   TIME   same code   allowed 10%   src/growing.ts:2

      perf-budget.baselines/v1.json:1:1  perf-budget.baselines/v1.json has a merge conflict. Its figures are unknown. Run perf-budget capture --name "v1" to write it again.

      1 passed in TIME vs v1 (COMMIT)"
    `);
    expect(seen(await perfBudget(root, ['capture', '--list']))).toMatchInlineSnapshot(`
      "exit code 0
      perf-budget.baselines/v1.json has a merge conflict. Its figures are unknown. Run perf-budget capture --name "v1" to write it again."
    `);
    expect((await perfBudget(root, ['capture', '--name', 'v1', '--reason', 'both', '--time', '500ms'])).code).toBe(0);
    expect(read(root, 'v1.json')).toContain('"reason": "both"');
    expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
      "exit code 0
      ✓ growing   TIME   same code   allowed 10%   src/growing.ts:2

      1 passed in TIME vs v1 (COMMIT)"
    `);
  });

  test('of the mark only counts the newer, and --use settles it', async () => {
    const root = kept(project());
    await perfBudget(root, ['capture', '--name', 'v1', '--time', '500ms']);
    await perfBudget(root, ['capture', '--name', 'v2', '--time', '500ms']);
    writeFileSync(path.join(root, folder, 'current'), '<<<<<<< HEAD\nv1\n=======\nv2\n>>>>>>> theirs\n');
    expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
      "exit code 0
      ✓ growing   TIME   same code   allowed 10%   src/growing.ts:2

      perf-budget.baselines/current:1:1  perf-budget.baselines/current has a merge conflict; the newer one, v2, is used. Choose one with perf-budget capture --use <name>.

      1 passed in TIME vs v2 (COMMIT)"
    `);
    await perfBudget(root, ['capture', '--use', 'v1']);
    expect((await perfBudget(root, ['check', 'growing'])).stdout).toMatch(/^1 passed in .* vs v1 \(/m);
    writeFileSync(path.join(root, folder, 'current'), 'v9\n');
    expect(await checked(root, ['check', 'growing'])).toMatchInlineSnapshot(`
      "exit code 2
      ? growing   TIME   not compared   allowed 10%   src/growing.ts:2

      growing: the file of the current baseline v9 is gone.

      perf-budget.jsonc:1:1  The file of the current baseline v9 is gone.
      perf-budget.baselines/current:1:1  perf-budget.baselines/current names v9, of which there is no file. Choose one with perf-budget capture --use <name>, or compare with Git with --use none.

      1 problem, 1 not compared in TIME"
    `);
  });

  test('that git does not keep is reported like any other, and its code is still compared with', async () => {
    const root = kept(temporaryFolder());
    write(root, files);
    await perfBudget(root, ['capture', '--name', 'v1', '--time', '500ms']);
    appendFileSync(path.join(root, folder, 'v1.json'), '}');
    write(root, { 'src/growing.ts': work(60_000) });
    const ended = await perfBudget(root, ['check', 'growing']);
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain(
      `${folder}/v1.json:1:1  ${folder}/v1.json is not valid JSON. Its figures are unknown. Run perf-budget capture --name "v1" to write it again.`,
    );
    expect(ended.stdout).toMatch(/^growing is [\d.]+% slower than v1 /m);
  });
});
