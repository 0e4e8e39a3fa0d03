/**
 * What a module needs at run time to find its neighbours. It is part of the bundle, so that both sides have it. A specifier
 * that is only known at run time is resolved from the module's own file, not from the bundle.
 */
export const runtimeText = `
const { createRequire, isBuiltin } = require('node:module');
const { pathToFileURL } = require('node:url');
exports.from = (url) => {
  const near = createRequire(url);
  const resolve = (specifier) => {
    const text = String(specifier);
    if (/^\\.{0,2}\\//.test(text)) return new URL(text, url).href;
    if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return text;
    return isBuiltin(text) ? 'node:' + text : pathToFileURL(near.resolve(text)).href;
  };
  return { resolve, require: near, import: (specifier, options) => import(resolve(specifier), options) };
};
`;
