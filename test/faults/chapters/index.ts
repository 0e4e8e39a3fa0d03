import type { Chapter } from '../chapter.js';
import { benchmarks } from './benchmarks.js';

/** In the order in which the campaign runs them. */
export const chapters: readonly Chapter[] = [benchmarks];
