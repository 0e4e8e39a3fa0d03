import { workerData } from 'node:worker_threads';
import { end } from './parent.js';

// The thread that sees that the engine is gone.

const engine = Number(workerData);

function isAlive(): boolean {
  try {
    return process.kill(engine, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

setInterval(() => {
  if (!isAlive()) end();
}, 1000);
