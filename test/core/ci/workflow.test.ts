import { expect, test } from 'vitest';
import { githubWorkflow, hookSnippet } from '../../../src/core/ci/workflow.js';

const npm = { manager: 'npm', lockFile: 'package-lock.json', packages: '', folder: '', branch: 'main' } as const;

test('a workflow for GitHub Actions', () => {
  expect(githubWorkflow(npm)).toMatchInlineSnapshot(`
    "# Written by perf-budget init --ci github. Change it as you like.
    name: Performance budgets

    on:
      pull_request:
      push:
        branches: [main]
      schedule:
        - cron: '17 4 * * 1'
      workflow_dispatch:
        inputs:
          name:
            description: Name of the new baseline, such as v3.0.0
            required: true
          reason:
            description: Why its figures are accepted
            required: true

    permissions:
      contents: read

    concurrency:
      group: perf-budget-\${{ github.workflow }}-\${{ github.ref }}
      cancel-in-progress: \${{ github.event_name == 'pull_request' }}

    jobs:
      # Compares with the commit where this branch left its target branch, on the same runner.
      check:
        if: github.event_name == 'pull_request'
        runs-on: ubuntu-latest
        timeout-minutes: 30
        steps:
          - uses: actions/checkout@v5
            with:
              fetch-depth: 0
          - uses: actions/setup-node@v5
            with:
              node-version: 24
              cache: npm
          - run: npm ci
          - run: npx perf-budget check --against "origin/$BASE..." --repeat-failures 1
            env:
              BASE: \${{ github.base_ref }}

      # Compares with the commit before the push. A branch's first push has none, and a forced push may have replaced it.
      push:
        if: github.event_name == 'push'
        runs-on: ubuntu-latest
        timeout-minutes: 30
        steps:
          - uses: actions/checkout@v5
            with:
              fetch-depth: 0
          - uses: actions/setup-node@v5
            with:
              node-version: 24
              cache: npm
          - run: npm ci
          - run: |
              git cat-file -e "$BEFORE^{commit}" || BEFORE="$(git rev-parse --verify --quiet HEAD~1 || git rev-parse HEAD)"
              npx perf-budget check --against "$BEFORE" --repeat-failures 1
            env:
              BEFORE: \${{ github.event.before }}

      # Finds slow drift that no single pull request shows: compares with the code of a week ago.
      week:
        if: github.event_name == 'schedule'
        runs-on: ubuntu-latest
        timeout-minutes: 60
        steps:
          - uses: actions/checkout@v5
            with:
              fetch-depth: 0
          - uses: actions/setup-node@v5
            with:
              node-version: 24
              cache: npm
          - run: npm ci
          - run: |
              before="$(git rev-list -1 --first-parent --before='1 week ago' HEAD)"
              npx perf-budget check --against "\${before:-HEAD}" --repeat-failures 1 --time 10s

      # Captures today's figures as the new baseline. Run and merge it by hand.
      baseline:
        if: github.event_name == 'workflow_dispatch'
        runs-on: ubuntu-latest
        timeout-minutes: 60
        permissions:
          contents: write
          pull-requests: write
        steps:
          - uses: actions/checkout@v5
            with:
              fetch-depth: 0
          - uses: actions/setup-node@v5
            with:
              node-version: 24
              cache: npm
          - run: npm ci
          - run: npx perf-budget capture --name "$NAME" --reason "$REASON"
            env:
              NAME: \${{ inputs.name }}
              REASON: \${{ inputs.reason }}
          - run: |
              git switch --create "perf-budget/baseline-$GITHUB_RUN_ID"
              git add -- '*perf-budget.baselines/*'
              git -c user.name=perf-budget -c user.email=perf-budget@users.noreply.github.com commit --message "Capture the baseline $NAME" --message "$REASON"
              git push origin HEAD
              gh pr create --title "Capture the baseline $NAME" --body "$REASON"
            env:
              NAME: \${{ inputs.name }}
              REASON: \${{ inputs.reason }}
              GH_TOKEN: \${{ github.token }}
    "
  `);
});

test.each([
  { manager: 'pnpm', lockFile: 'pnpm-lock.yaml', packages: '', folder: 'packages/core' },
  { manager: 'yarn', lockFile: 'yarn.lock', packages: 'my app', folder: "it's" },
  { manager: 'bun', lockFile: 'bun.lock', packages: 'app', folder: '' },
  { manager: 'npm', lockFile: null, packages: '', folder: '' },
] as const)('the packages of $manager, in $packages and $folder', (installation) => {
  const [, check = ''] = githubWorkflow({ ...installation, branch: 'main' }).split(/^ {2}(?=check:|# Finds slow)/m);
  expect(`${check}${hookSnippet({ ...installation, branch: 'main' }).join('\n')}`).toMatchSnapshot();
});

test('a branch whose name is special in YAML', () => {
  expect(githubWorkflow({ ...npm, branch: '1.x: "next"' })).toContain('branches: ["1.x: \\"next\\""]');
});

test('no name that somebody else chooses is part of a script', () => {
  const scripts = githubWorkflow(npm).matchAll(/run: (?:\|\n(?: {10}.*\n)+|.*)/g);
  expect([...scripts].flatMap(([text]) => text.match(/\$\{\{.*?\}\}/g) ?? [])).toEqual([]);
});
