import type { RunRequest } from '../../engine/measure/request.js';
import { keepCheck } from '../../engine/project/keep-check.js';
import type { Look } from '../../engine/project/known-check.js';
import type { OpenProject } from '../../engine/project/project.js';
import type { Project } from '../../engine/project/snapshot.js';
import { withProjects } from '../input/projects.js';
import { requireBaseline } from '../../requests/selection/revisions.js';
import type { ProjectCheck } from '../../requests/report/project-check.js';
import { finish, isPlain, selection, type Ask } from './check-report.js';
import { measureAll, repeatFailed } from '../../requests/measure/measure-all.js';
import { Progress } from '../terminal/progress.js';
import { pageOf } from './report.js';

// What a check needs only if something has changed, in one file of the program.
export { Git } from '../../engine/git/repository.js';
export { pageOf };

/** Opens the projects and measures what has to be. */
export async function measured(ask: Ask, looks: ReadonlyMap<string, Look>): Promise<number> {
  const { options, against, repeatFailures } = ask;
  const work = async (projects: readonly OpenProject[]): Promise<number> => {
    const selected = await selection(projects, ask);
    if (against !== null) for (const { project } of selected) await requireBaseline(project, against);
    const asked = selected.map(({ project }) => project);
    const requests = new Map<Project, RunRequest>(selected.map(({ project, request }) => [project, request]));
    const request = (project: Project): RunRequest => requests.get(project) ?? {};
    // What is measured again needs no causes yet.
    const early = repeatFailures > 0 ? { causes: false } : {};
    const terms = { ...options, progress: new Progress() };
    const first = await measureAll(asked, terms, (project) => ({ ...request(project), ...early }));
    const checked = await repeatFailed(asked, terms, first, request, repeatFailures);
    // What a repeat has refuted is not the answer to the next check.
    // What a broken budget owes the next check is its causes.
    const isWhole = ask.causes || first.every(({ report }) => report.verdict !== 'fail');
    if (isPlain(ask) && isWhole && checked === first && !options.signal.aborted) keepAll(projects, first, looks);
    return finish(ask, checked, (document) => pageOf(options.directory, projects, document));
  };
  return withProjects(options, true, work, { isBrief: true });
}

function keepAll(
  projects: readonly OpenProject[],
  checked: readonly ProjectCheck[],
  looks: ReadonlyMap<string, Look>,
): void {
  for (const project of projects) {
    const look = looks.get(project.configFile);
    const report = checked.find(({ root }) => root === project.root)?.report;
    if (look !== undefined && report !== undefined) keepCheck(project, report, look);
  }
}
