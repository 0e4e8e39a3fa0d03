import { channel } from './channel.js';
import { ends } from './ends.js';
import type { Kind } from './kind.js';
import { names } from './names.js';
import { patched } from './patches.js';
import { resources } from './resources.js';
import { throws } from './throws.js';

/** Every kind of benchmark that misbehaves. New ones go to the end of their file; a case is repeated by its number in one seed. */
export const kinds: readonly Kind[] = [...channel, ...ends, ...throws, ...resources, ...patched, ...names];
