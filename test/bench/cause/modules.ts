/** The corpus: ten small libraries, what makes each slower, and what does not. */
import type { Module } from './corpus.js';
import { diffModule } from './variants/diff.js';
import { emitterModule } from './variants/emitter.js';
import { jobsModule } from './variants/jobs.js';
import { lruModule } from './variants/lru.js';
import { matrixModule } from './variants/matrix.js';
import { renderModule } from './variants/render.js';
import { reportModule } from './variants/report.js';
import { routerModule } from './variants/router.js';
import { serializerModule } from './variants/serializer.js';
import { tokenizerModule } from './variants/tokenizer.js';

export const modules: readonly Module[] = [
  lruModule,
  tokenizerModule,
  matrixModule,
  serializerModule,
  emitterModule,
  reportModule,
  routerModule,
  diffModule,
  renderModule,
  jobsModule,
];
