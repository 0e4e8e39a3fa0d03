/** The commands by which the editor's parts call each other: surfaces never import one another. */
export const commands = {
  runFile: 'perfBudget.runFile',
  runAll: 'perfBudget.runAll',
  runBudget: 'perfBudget.runBudget',
  cancel: 'perfBudget.cancel',
  captureBaseline: 'perfBudget.captureBaseline',
  manageBaselines: 'perfBudget.manageBaselines',
  compare: 'perfBudget.compareWithBaseline',
  loosen: 'perfBudget.loosen',
  waive: 'perfBudget.waive',
  addBudget: 'perfBudget.addBudget',
  findCommit: 'perfBudget.findCommit',
  showActions: 'perfBudget.showActions',
  showBudgets: 'perfBudget.showBudgets',
  showHistory: 'perfBudget.showHistory',
  openDashboard: 'perfBudget.openDashboard',
  filterByVerdict: 'perfBudget.filterByVerdict',
  filterByTag: 'perfBudget.filterByTag',
  clearFilter: 'perfBudget.clearFilter',
  showOutput: 'perfBudget.showOutput',
  restart: 'perfBudget.restart',
  openBudgetFile: 'perfBudget.openBudgetFile',
  goTo: 'perfBudget.goTo',
  initialize: 'perfBudget.initialize',
  explain: 'perfBudget.explain',
  openProfile: 'perfBudget.openProfile',
} as const;

/** VS Code's own command. */
export const manageTrust = 'workbench.trust.manage';

export const source = 'perf-budget';

/** Names one budget of one `perf-budget.jsonc`; plain data, so that it survives a `command:` link. */
export interface BudgetKey {
  /** Absolute path of the `perf-budget.jsonc`'s folder. */
  readonly root: string;
  readonly budget: string;
}

/** The kinds of places where a budget is shown. */
export const budgetSites = ['code', 'bench', 'entry'] as const;
export type BudgetSite = (typeof budgetSites)[number];

/** Names one benchmark of a project; plain data, too. */
export interface BenchmarkKey {
  readonly root: string;
  readonly name: string;
  /** As in `KnownBenchmark`. */
  readonly file: string;
}
