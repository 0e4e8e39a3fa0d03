import { commit, repository, temporaryFolder, write } from '../engine/repository.js';

/** A loop of a length that tests change by factors that no noise reaches. */
export const work = (turns: number): string => `
export function work(): number {
  let sum = 0;
  for (let i = 0; i < ${turns}; i++) sum += i % 7;
  return sum;
}
`;

export const config = `{
  "benchmarks": [{ "files": "bench/**/*.bench.ts" }],
  "budgets": {
    "steady": { "benchmark": "steady", "code": "src/steady.ts#work", "limit": ["time <= 1 s"] },
    "growing": { "benchmark": "growing", "code": "src/growing.ts#work" },
  },
}
`;

export const files = {
  'perf-budget.jsonc': config,
  '.gitignore': '.perf-budget/\n',
  'src/steady.ts': work(20_000),
  'src/growing.ts': work(20_000),
  'bench/steady.bench.ts': benchFile('steady', "import { work } from '../src/steady.js';", 'work();'),
  'bench/growing.bench.ts': benchFile('growing', "import { work } from '../src/growing.js';", 'work();'),
};

/** A bench file of vitest with one benchmark. */
export function benchFile(name: string, head: string, body: string): string {
  return `import { bench } from 'vitest';\n${head}\n\nbench('${name}', () => {\n  ${body}\n});\n`;
}

/** A repository with one commit of `files`, in a folder whose name has a space and an umlaut. */
export function project(): string {
  const root = repository(temporaryFolder('perf budget ümlaut-'));
  commit(root, files);
  return root;
}

/** One benchmark and its budget, without git. */
export function loneProject(name: string, head: string, body: string): string {
  const root = temporaryFolder();
  write(root, {
    'perf-budget.jsonc': JSON.stringify({
      benchmarks: [{ files: '*.bench.ts' }],
      budgets: { [name]: { benchmark: name, limit: ['time <= 1 h'] } },
    }),
    [`${name}.bench.ts`]: benchFile(name, head, body),
  });
  return root;
}
