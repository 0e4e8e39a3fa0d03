import module from 'node:module';

// Check the version before anything but this file is evaluated, because the rest needs `node:sqlite`.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `perf-budget needs Node.js 22.13 or newer; this is ${process.versions.node} (${process.execPath}).\n`,
  );
  process.exitCode = 2;
} else {
  // The engine is a megabyte of code. Compiled once, it loads twice as fast in every later run.
  module.enableCompileCache();
  const { main } = await import('./program.js');
  process.exitCode = await main(process.argv.slice(2));
}
