export { benchCalls, type BenchCall, type Callee } from './outline/bench-calls.js';
export { findCallee } from './outline/find-callee.js';
export { outline, type Symbol } from './outline/symbols.js';
