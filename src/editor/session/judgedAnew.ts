import type { Project } from '../../engine/project/snapshot.js';
import { runsOnSave } from './settings.js';

/** Judges again after what is known was compared with something else, as a save would. */
export const judgedAnew = (project: Project): Promise<void> => project.reload(runsOnSave(project.root));
