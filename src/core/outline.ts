export { functionBelow } from './outline/below.js';
export { benchCalls, type BenchCall, type Callee } from './outline/bench-calls.js';
export { commentsOf } from './outline/parse.js';
export { findCallee } from './outline/find-callee.js';
export { outline, type Symbol } from './outline/symbols.js';
