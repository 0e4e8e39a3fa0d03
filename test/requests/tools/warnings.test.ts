import { expect, test } from 'vitest';
import type { Problem } from '../../../src/core/problem.js';
import { unknownMachine } from '../../../src/core/results/measurement.js';
import { emptySnapshot, type Project } from '../../../src/engine/project/snapshot.js';
import { callTool } from '../../../src/requests/tools/index.js';
import type { Answer, Host } from '../../../src/requests/tools/tool.js';

const at = { line: 1, column: 1 };
const problem: Problem = { location: { file: '/w/perf-budget.jsonc', start: at, end: at }, message: 'It is so.' };

/** Calls a tool where no budget differs and the project has this problem. */
function called(name: string, problems: readonly Problem[]): Promise<Answer> {
  const report = { version: 1, verdict: 'pass', elapsedMs: 0, baseline: null, machine: unknownMachine };
  const project = {
    ...{ root: '/w', snapshot: { ...emptySnapshot, problems }, onDidChange: () => () => undefined },
    run: () => Promise.resolve({ ...report, budgets: [], problems: [] }),
  } as unknown as Project;
  const host = {
    ...{ directory: '/w', refusal: null },
    withProjects: (_: unknown, work: (projects: readonly Project[]) => unknown) => work([project]),
  } as unknown as Host;
  const progress = { show: () => undefined, hide: () => undefined };
  return callTool(name, {}, { host, progress, signal: new AbortController().signal });
}

test.each(['perf_budget_list', 'perf_budget_explain'])('%s answers in spite of a warning', async (tool) => {
  const { isError, text, document } = await called(tool, [{ ...problem, warning: true }]);
  expect(isError).toBe(false);
  expect(document).toMatchObject({ problems: [{ message: 'It is so.', warning: true }] });
  expect(text).toMatch(/^(?:0 budgets, 0 benchmarks|Nothing is broken and nothing differs: .*)\n\n.*It is so\.$/);
  expect((await called(tool, [problem])).isError).toBe(true);
});
