import module from 'node:module';
import process from 'node:process';

// Nothing but this file may be evaluated before the version is known to suffice: what follows needs `node:sqlite`.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `perf-budget needs Node.js 22.13 or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exitCode = 2;
} else {
  // The engine is a megabyte of code: compiled once, it is loaded twice as fast by every run after this one.
  module.enableCompileCache();
  const { main } = await import('./program.js');
  process.exitCode = await main(process.argv.slice(2));
}
