/** How a repository installs its packages, according to its files. A folder is empty if it is the root. */
export interface Installation {
  readonly manager: 'npm' | 'pnpm' | 'yarn' | 'bun';
  /** The name of its lock file; null if there is none. */
  readonly lockFile: string | null;
  /** The folder where packages are installed, from the root of the repository. */
  readonly packages: string;
  /** The folder of the `perf-budget.jsonc`, from `packages`. */
  readonly folder: string;
  /** The repository's main branch. */
  readonly branch: string;
}

export const workflowFile = '.github/workflows/perf-budget.yml';

const installs = {
  npm: ['npm ci', 'npx perf-budget'],
  pnpm: ['pnpm install --frozen-lockfile', 'pnpm exec perf-budget'],
  yarn: ['yarn install --immutable', 'yarn perf-budget'],
  bun: ['bun install --frozen-lockfile', 'bunx perf-budget'],
} as const;

/** Writes the first steps. The checkout has the whole history because a merge base needs it. */
function setUp({ manager, lockFile, packages }: Installation): string {
  const own =
    manager === 'pnpm'
      ? '      - uses: pnpm/action-setup@v4\n'
      : manager === 'bun'
        ? '      - uses: oven-sh/setup-bun@v2\n'
        : '';
  const cache = manager === 'bun' || lockFile === null ? '' : `          cache: ${manager}\n`;
  const where =
    packages === '' || cache === '' ? '' : `          cache-dependency-path: ${quoted(`${packages}/${lockFile}`)}\n`;
  return `      - uses: actions/checkout@v5
        with:
          fetch-depth: 0
${own}      - uses: actions/setup-node@v5
        with:
          node-version: 24
${cache}${where}      - run: ${lockFile === null ? 'npm install' : installs[manager][0]}`;
}

/**
 * Writes a workflow for GitHub Actions. Names that others choose (of branches, of baselines) reach the shell as variables, never
 * as text of a script: https://docs.github.com/en/actions/reference/security/secure-use
 */
export function githubWorkflow(installation: Installation): string {
  const { packages, branch } = installation;
  const run = runOf(installation);
  const steps = setUp(installation);
  const inFolder = packages === '' ? '' : `    defaults:\n      run:\n        working-directory: ${quoted(packages)}\n`;
  return `# Written by perf-budget init --ci github. Change it as you like.
name: Performance budgets

on:
  pull_request:
  push:
    branches: [${quoted(branch)}]
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
${inFolder}    steps:
${steps}
      - run: ${run} check --against "origin/$BASE..." --repeat-failures 1
        env:
          BASE: \${{ github.base_ref }}

  # Compares with the commit before the push. A branch's first push has none, and a forced push may have replaced it.
  push:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    timeout-minutes: 30
${inFolder}    steps:
${steps}
      - run: |
          git cat-file -e "$BEFORE^{commit}" || BEFORE="$(git rev-parse --verify --quiet HEAD~1 || git rev-parse HEAD)"
          ${run} check --against "$BEFORE" --repeat-failures 1
        env:
          BEFORE: \${{ github.event.before }}

  # Finds slow drift that no single pull request shows: compares with the code of a week ago.
  week:
    if: github.event_name == 'schedule'
    runs-on: ubuntu-latest
    timeout-minutes: 60
${inFolder}    steps:
${steps}
      - run: |
          before="$(git rev-list -1 --first-parent --before='1 week ago' HEAD)"
          ${run} check --against "\${before:-HEAD}" --repeat-failures 1 --time 10s

  # Captures today's figures as the new baseline. Run and merge it by hand.
  baseline:
    if: github.event_name == 'workflow_dispatch'
    runs-on: ubuntu-latest
    timeout-minutes: 60
    permissions:
      contents: write
      pull-requests: write
${inFolder}    steps:
${steps}
      - run: ${run} capture --name "$NAME" --reason "$REASON"
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
`;
}

/** Returns the lines of a hook that costs nothing if no budgeted code is staged. It runs in the root of the repository. */
export const hookSnippet = (installation: Installation): readonly string[] => {
  const { packages } = installation;
  const there = packages === '' ? [] : [`cd ${shellWord(packages)} || exit`];
  return ['#!/bin/sh', ...there, `exec ${runOf(installation)} check --staged`];
};

const runOf = ({ manager, folder }: Installation): string =>
  installs[manager][1] + (folder === '' ? '' : ` -C ${shellWord(folder)}`);

/** A JSON string is also a YAML string. */
const quoted = (text: string): string => (/^[\w./-]+$/.test(text) ? text : JSON.stringify(text));

const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
