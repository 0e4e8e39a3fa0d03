/** One item is a record of 512 bytes that is written to a temporary file and read back. */
import { openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

export const items = 100;

const record = Buffer.alloc(512, 'x');
const back = Buffer.alloc(512);
const file = temporary();

/** The name goes at once, and the file with its last descriptor, however the process ends. */
function temporary(): number {
  const name = path.join(tmpdir(), `perf-budget-detect-${process.pid}-${performance.now()}.tmp`);
  const descriptor = openSync(name, 'w+');
  rmSync(name);
  return descriptor;
}

function write(position: number): void {
  record.writeUInt32LE(position, 0);
  writeSync(file, record, 0, record.length, position);
}

function read(position: number): number {
  readSync(file, back, 0, back.length, position);
  return back.readUInt32LE(0);
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    write(item * record.length);
    total += read(item * record.length);
  }
  return total;
}
