import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { remove, temporaryFolder, write } from '../engine/repository.js';
import { perfBudget } from './run.js';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) remove(folder);
});

const title =
  'x\u001b]0;owned\u0007\u001b[2J\u202e\u009b31m\n::error::forged ##[error] ![x](https://evil.example/x.png)';

/** A budget with a title that no terminal should obey, and a benchmark that throws one. */
function project(): string {
  const root = temporaryFolder();
  folders.push(root);
  const throwing = `throw new Error('\\u001b[31mred\\u001b[39m\\u001b[2J\\r\\n::set-output name=a::b')`;
  write(root, {
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ files: '*.bench.ts' }],
      budgets: {
        [title]: { benchmark: 'fine', limit: ['time <= 1 h'] },
        '::error::name': { benchmark: 'throws', limit: ['time <= 1 h'] },
      },
    }),
    'a.bench.ts': `import { bench } from 'vitest';
bench('fine', () => { let sum = 0; for (let i = 0; i < 2000; i++) sum += i % 7; return sum; });
bench('throws', () => { ${throwing}; });
`,
  });
  return root;
}

const colour = /\u001b\[\d\d?m/g; // eslint-disable-line no-control-regex
const control = /[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/; // eslint-disable-line no-control-regex

function expectQuiet(text: string): void {
  expect(text).not.toBe('');
  expect(text).not.toMatch(control);
  expect(text).not.toMatch(/^\s*::|##\[/m);
}

test('whatever budgets are called and benchmarks throw, a terminal and GitHub get only text', async () => {
  const root = project();
  const real = { isReal: true } as const;
  const args = ['check', '--time', '300ms', '--verbose', '--reporter', 'terminal=report.txt'];
  const { stdout, stderr, code } = await perfBudget(root, args, real);
  expect(code).toBe(3);
  for (const text of [stdout, stderr, readFileSync(`${root}/report.txt`, 'utf8')]) expectQuiet(text);
  expect(stdout).toContain(String.raw`x\x1b]0;owned\x07\x1b[2J\u202e\x9b31m ::error::forged # #[error]`);
  expect(stdout).toContain('the benchmark threw: red');
  // Our own colours stay.
  const colored = await perfBudget(root, ['check', '--time', '300ms'], { ...real, env: { FORCE_COLOR: '1' } });
  expect(colored.stdout).toMatch(colour);
  expectQuiet(colored.stdout.replaceAll(colour, ''));
  // Documents in a pipe are as they are; what GitHub reads from the same output is a line each.
  const annotated = await perfBudget(root, ['check', '--time', '300ms'], { ...real, env: { GITHUB_ACTIONS: 'true' } });
  const commands = annotated.stdout.split('\n').filter((line) => line.startsWith('::'));
  expect(commands).toHaveLength(1);
  expect(commands[0]).toMatch(
    /^::error file=a\.bench\.ts,line=3,col=\d+,title=%3A%3Aerror%3A%3Aname was not measured::/,
  );
  for (const wrong of [['check', title], ['history', title.slice(1)], [title]]) {
    const refused = await perfBudget(root, wrong);
    expectQuiet(refused.stdout + refused.stderr);
  }
  const { stdout: markdown } = await perfBudget(root, ['report', '--markdown', '-']);
  expect(markdown).toContain(String.raw`\!\[x\]\(https:\//evil\.example/x\.png\)`);
});

test('NO_COLOR beside FORCE_COLOR: no colours, and no warning of Node’s here or in what it starts', async () => {
  const root = project();
  write(root, {
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ command: ['node', 'tool.cjs'], name: 'tool' }],
      budgets: { tool: { benchmark: 'tool', limit: ['time <= 1 h'] } },
    }),
    'tool.cjs': `process.stderr.getColorDepth?.(); require('node:tty').WriteStream.prototype.getColorDepth(process.env); process.exitCode = 3;`,
  });
  const env = { NO_COLOR: '1', FORCE_COLOR: '1' };
  const { stdout, stderr } = await perfBudget(root, ['check', '--verbose', '--time', '300ms'], { isReal: true, env });
  expect(stdout).toContain('tool');
  expect(stdout + stderr).not.toMatch(/Warning|\u001b/); // eslint-disable-line no-control-regex
});
