import type { Chapter } from '../chapter.js';
import { benchmarks } from './benchmarks.js';
import { disks } from './disks.js';
import { input } from './input.js';
import { kill } from './kill.js';
import { repositories } from './repositories.js';
import { saving } from './saves.js';
import { together } from './together.js';

/** In the order in which the campaign runs them. */
export const chapters: readonly Chapter[] = [benchmarks, repositories, disks, saving, together, kill, input];
