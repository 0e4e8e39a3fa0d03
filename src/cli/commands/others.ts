// Every command but `check`, which needs less: one file of the program, because each further one takes time to load.
export { bisect } from './bisect.js';
export { capture, deleteBaseline, listBaselines, switchBaseline } from './capture.js';
export { explain } from './explain.js';
export { exportHistory } from './export.js';
export { history } from './history.js';
export { importFiles } from './import.js';
export { init } from './init.js';
export { merge } from './merge.js';
export { record } from './record.js';
export { report } from './report.js';
export { shareHistory } from './share.js';
