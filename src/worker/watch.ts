import { Socket } from 'node:net';
import { end } from './parent.js';

// The thread that sees that the engine is gone. Nothing is sent over this pipe.

const pipe = new Socket({ fd: 4, readable: true, writable: false });
pipe.on('error', end);
pipe.on('close', end);
pipe.resume();
