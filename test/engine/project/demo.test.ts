import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDemo } from '../../fixtures/demo.mjs';

const fixture = fileURLToPath(new URL('../../fixtures/demo', import.meta.url));

/** Every file under `root` with its text, keyed by its path with `/`. */
function filesOf(root: string): Record<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[/\\](\.git|node_modules|\.perf-budget)[/\\]/.test(file));
  return Object.fromEntries(
    files.map((file) => [file.slice(root.length + 1).replaceAll(sep, '/'), readFileSync(file, 'utf8')]),
  );
}

describe('the demo workspace', () => {
  let scratch: string;
  let demo: string;
  const git = (...args: string[]): string => execFileSync('git', args, { cwd: demo, encoding: 'utf8' });

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'perf-budget demo é '));
    demo = join(scratch, 'workspace');
    await createDemo(demo);
  });

  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('has a history with a slip and its repair, by nobody in particular', () => {
    expect(
      git('log', '--reverse', '--format=%ad %an <%ae>, %cd %cn <%ce>: %s', '--date=format:%Y-%m-%d').split('\n'),
    ).toEqual(
      [
        ['2026-08-24', 'Start with a tokenizer'],
        ['2026-09-02', 'Add a cache, a router that uses it, and the first budgets'],
        ['2026-09-15', 'Add diff, CSV and search'],
        ['2026-09-28', 'Let the cache tell which keys were used last'],
        ['2026-10-12', 'Render Markdown, and compare and patch JSON'],
        ['2026-10-26', 'Read the order of use off the map'],
        ['2026-11-05', 'Add globs, a priority queue and shortest paths'],
        ['2026-11-16', 'Add mapLimit and wrapping, and say of everything how fast it must stay'],
      ]
        .map(([date, subject]) => {
          const who = `${date} Ada Example <ada@example.com>`;
          return `${who}, ${who}: ${subject}`;
        })
        .concat(''),
    );
    expect(git('branch', '--format=%(refname:short)')).toBe('main\n');
  });

  it('changes the cache alone where it slips', () => {
    const slip = git('log', '--format=%H', '--grep=used last').trim();
    expect(git('show', '--format=', '--name-only', slip)).toBe('src/lru.ts\n');
  });

  it('ends with a clean tree that equals the fixture', () => {
    expect(git('status', '--porcelain')).toBe('');
    expect(filesOf(demo)).toEqual(filesOf(fixture));
  });

  it('makes the same commits every time', async () => {
    const first = git('rev-parse', 'HEAD');
    const again = join(scratch, 'again');
    await createDemo(again);
    expect(execFileSync('git', ['rev-parse', 'HEAD'], { cwd: again, encoding: 'utf8' })).toBe(first);
  });

  it('needs no install and no settings to be committed to', () => {
    execFileSync('git', ['commit', '--quiet', '--allow-empty', '--message', 'Try'], {
      cwd: demo,
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    });
    expect(git('log', '-1', '--format=%s, %an')).toBe('Try, Ada Example\n');
  });
});
