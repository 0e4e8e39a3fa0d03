import { endGroup } from './parent.js';

// What a worker's shell becomes once the engine is gone. The group that it ends is its own, too.

endGroup(Number(process.argv[2]));
