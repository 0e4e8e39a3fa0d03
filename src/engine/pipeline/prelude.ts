import type { Profile } from '../../worker/pipeline/protocol.js';

/** Returns the module that makes a process what Vitest's own would be, before the bench file and its packages are loaded. */
export function preludeOf({ variables, defines, moreDefines, globals, environment, project }: Profile): string | null {
  const lines: string[] = [];
  const own = Object.entries(variables).filter(([name]) => name !== 'NODE_ENV');
  if (variables['NODE_ENV'] !== undefined)
    lines.push(`process.env.NODE_ENV ??= ${JSON.stringify(variables['NODE_ENV'])};`);
  if (own.length > 0) lines.push(`Object.assign(process.env, ${JSON.stringify(Object.fromEntries(own))});`);
  if (Object.keys(defines).length > 0) lines.push(`Object.assign(globalThis, ${JSON.stringify(defines)});`);
  if (moreDefines !== '') lines.push(`(0, eval)(${JSON.stringify(`(() => {\n${moreDefines}})()`)});`);
  // Modules for a browser say what happens when they change, which they never do here.
  if (project.environment === 'client')
    lines.push(
      `const hot = ['accept', 'prune', 'dispose', 'decline', 'invalidate', 'on', 'off', 'send'];`,
      `globalThis.__budgetHot = { data: {}, ...Object.fromEntries(hot.map((name) => [name, () => {}])) };`,
    );
  if (environment !== null) {
    const { name, module, isBuiltin, options } = environment;
    const found = isBuiltin ? `.builtinEnvironments[${JSON.stringify(name)}]` : '.default';
    lines.push(
      `const made = (await import(${JSON.stringify(module)}))${found};`,
      `if (typeof made?.setup !== 'function') throw new Error(${JSON.stringify(`the environment "${name}" has no setup`)});`,
      `await made.setup(globalThis, ${JSON.stringify(options)});`,
    );
  }
  if (globals.length > 0)
    lines.push(
      `const vitest = globalThis[Symbol.for('perf-budget.collector')].library('vitest');`,
      `for (const name of ${JSON.stringify(globals)}) globalThis[name] = vitest[name];`,
    );
  return lines.length === 0 ? null : `${lines.join('\n')}\n`;
}
