// node guard.mjs <folder> <script> [argument…]: runs a Node script in a process group of its own until it ends or
// whoever holds this process's standard input is gone, however that ended; then ends the whole group and removes the
// folder that was the group's own.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

const [folder = '', ...command] = process.argv.slice(2);
const patience = 5000;

const child = spawn(process.execPath, command, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });

/**
 * @param {NodeJS.Signals | 0} signal
 * @returns {boolean} whether somebody in the group was there to get it
 */
function signalGroup(signal) {
  try {
    return process.kill(-(child.pid ?? NaN), signal);
  } catch {
    return false;
  }
}

let ending = false;
async function end() {
  if (ending) return;
  ending = true;
  signalGroup('SIGTERM');
  for (let waited = 0; waited < patience && signalGroup(0); waited += 50) await sleep(50);
  signalGroup('SIGKILL');
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit();
}

child.on('exit', () => void end());
process.stdin.on('close', () => void end()).resume();
