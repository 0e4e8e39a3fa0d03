import type { Chapter } from '../chapter.js';
import { benchmarks } from './benchmarks.js';
import { input } from './input.js';
import { kill } from './kill.js';

/** In the order in which the campaign runs them. */
export const chapters: readonly Chapter[] = [kill, benchmarks, input];
