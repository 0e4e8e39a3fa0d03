import process from 'node:process';

export { capture } from './capture.js';
export { check } from './check.js';
export { history } from './history.js';
export { init } from './init.js';

// `node:sqlite` is announced as experimental by the older of the Nodes that we run on, at every start.
process.removeAllListeners('warning');
process.on('warning', (warning) => {
  if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`);
});
