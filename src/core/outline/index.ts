export { allocationSites } from './allocation-sites.js';
export { functionBelow } from './below.js';
export { benchCalls, type BenchCall, type Callee } from './bench-calls.js';
export { commentsOf } from './parse.js';
export { findCallee } from './find-callee.js';
export { mockCall } from './mock-calls.js';
export { outline, type Symbol } from './symbols.js';
