// node esbuild.mjs [--watch]: makes dist/extension.js, dist/worker.js, dist/debug.js, dist/process.js, dist/pipeline.js, dist/end.js, dist/watch.js,
// dist/cli.js with its chunks, and dist/report/, which is what bench files import.
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import process from 'node:process';
import { context } from 'esbuild';
import typescript from 'typescript';

// Bundled CommonJS packages call `require` for Node's own modules, and an ES module has none.
const require = `import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);`;

/**
 * Node's own modules without a facade. An `import` of one reads every getter that it exports, and so loads the streams, the
 * network and more, a quarter of the time that Node itself takes to start. Commander starts programs only for commands in files
 * of their own, so it does not need `node:child_process`.
 * @type {import('esbuild').Plugin}
 */
const quickStart = {
  name: 'quick start',
  setup(build) {
    build.onResolve({ filter: /^[\w:/]+$/ }, ({ path: name, importer, kind }) => {
      // An old Node must be able to load the entry.
      if (!isBuiltin(name) || importer.endsWith('cli/main.ts')) return undefined;
      if (kind === 'require-call') return { path: name, namespace: 'required' };
      const isUnused = name === 'node:child_process' && importer.includes('commander');
      return isUnused ? { path: name, namespace: 'unused' } : { path: name, namespace: 'imported' };
    });
    build.onLoad({ filter: /./, namespace: 'imported' }, ({ path: name }) => {
      const all = Object.getOwnPropertyDescriptors(createRequire(import.meta.url)(name));
      // What a getter returns is loaded by reading it, and these constants are deprecated.
      const isPlain = (/** @type {string} */ one) => all[one]?.get === undefined && !/^([FRWX]_OK|default)$/.test(one);
      const names = Object.keys(all).filter((one) => isPlain(one) || one === 'promises');
      const exports = names
        .filter((one) => one !== 'default')
        .map((one) => `export const ${one} = /* @__PURE__ */ of('${one}');`);
      // Node has it since 20.16 and 22.3; workers run on older ones, too.
      const found = `process.getBuiltinModule?.('${name}') ?? __createRequire(import.meta.url)('${name}')`;
      const own = `const all = ${found}; const of = (name) => all[name]; export default all;`;
      return { contents: [own, ...exports].join('\n') };
    });
    build.onLoad({ filter: /./, namespace: 'required' }, ({ path: name }) => ({
      contents: `module.exports = process.getBuiltinModule('${name}');`,
    }));
    build.onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'export default {};' }));
    // It compiles expressions of all emoji when it is loaded, and hardly any text needs it.
    build.onResolve({ filter: /^string-width$/ }, ({ path: name, kind }) =>
      kind === 'import-statement' ? { path: name, namespace: 'lazy' } : undefined,
    );
    build.onLoad({ filter: /./, namespace: 'lazy' }, ({ path: name }) => ({
      contents: `let all; export default (...args) => (all ??= require('${name}')).default(...args);`,
      resolveDir: import.meta.dirname,
    }));
  },
};

/** @type {import('esbuild').BuildOptions} */
const shared = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // jsonc-parser's `main` is a UMD wrapper that cannot be bundled.
  mainFields: ['module', 'main'],
  external: ['esbuild', 'koffi'],
  // Its other half reads files, and `core` runs in browsers, too. Tables come from callers.
  alias: { '@vscode/l10n': '@vscode/l10n/dist/browser.js' },
  banner: { js: require },
  sourcemap: 'linked',
  logLevel: 'warning',
};

/** @type {import('esbuild').BuildOptions[]} */
const outputs = [
  {
    // What only some command needs is a file of its own: the editor waits for as little as possible.
    entryPoints: ['src/editor/extension.ts'],
    outdir: 'dist',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    target: 'node22',
    external: ['esbuild', 'koffi', 'vscode'],
  },
  { entryPoints: ['src/engine/remote/server.ts'], outfile: 'dist/engine.js', target: 'node22' },
  // The user's own Node runs this one.
  { entryPoints: ['src/worker/main.ts'], outfile: 'dist/worker.js', plugins: [quickStart] },
  { entryPoints: ['src/worker/debug.ts'], outfile: 'dist/debug.js', plugins: [quickStart] },
  { entryPoints: ['src/worker/process.ts'], outfile: 'dist/process.js', plugins: [quickStart] },
  { entryPoints: ['src/worker/pipeline.ts'], outfile: 'dist/pipeline.js' },
  { entryPoints: ['src/worker/end.ts'], outfile: 'dist/end.js' },
  { entryPoints: ['src/worker/watch.ts'], outfile: 'dist/watch.js' },
  // The first file is small, so that an old Node can read it and a new one compiles all others once. Each command loads only
  // what it needs.
  {
    entryPoints: { cli: 'src/cli/main.ts' },
    outdir: 'dist',
    splitting: true,
    chunkNames: 'cli-[name]-[hash]',
    plugins: [quickStart],
    target: 'node22',
    banner: { js: '#!/usr/bin/env node' },
  },
  // What a browser runs: in the page of `report --html`, dist/page.js and dist/page.css, which are put into it, and which the
  // dashboard in the editor loads; in that of Explain
  // Regression, dist/explain.js and dist/explain.css, which the editor loads.
  {
    entryPoints: { page: 'src/page/main.ts', explain: 'src/page/explain.ts' },
    outdir: 'dist',
    platform: 'browser',
    format: 'iife',
    target: ['chrome110', 'firefox115', 'safari16'],
    minify: true,
    banner: {},
    sourcemap: false,
    mainFields: ['module', 'main'],
  },
  { entryPoints: ['src/report.ts'], outfile: 'dist/report/index.js', banner: {}, sourcemap: false },
];

process.chdir(import.meta.dirname);
const contexts = await Promise.all(outputs.map((output) => context({ ...shared, ...output, metafile: true })));
if (process.argv.includes('--watch')) {
  await Promise.all(contexts.map((each) => each.watch()));
} else {
  const results = await Promise.allSettled(contexts.map((each) => each.rebuild()));
  await Promise.all(contexts.map((each) => each.dispose()));
  // esbuild has printed every error with its place.
  if (results.some(({ status }) => status === 'rejected')) process.exitCode = 1;
  else {
    await chmod('dist/cli.js', 0o755);
    const source = await readFile('src/report.ts', 'utf8');
    await writeFile('dist/report/index.d.ts', typescript.transpileDeclaration(source, {}).outputText);
    // What an earlier build left goes last, so that who runs while this builds has a whole program all the time.
    const built = results.flatMap((each) => ('value' in each ? Object.keys(each.value.metafile.outputs) : []));
    const old = (await readdir('dist')).filter((name) => !built.includes(`dist/${name}`) && name.includes('.'));
    await Promise.all(old.map((name) => rm(`dist/${name}`)));
  }
}
