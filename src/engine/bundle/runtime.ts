/**
 * What a module needs at run time to find its neighbours. It is part of the bundle, so that both sides have it. A specifier
 * that is only known at run time is resolved from the module's own file, not from the bundle. In old code that is checked out,
 * `url` is the file in the checkout, and `moved` has the addresses of the repository and of the checkout and the commit's name:
 * whatever names a file of the repository means the one in the checkout.
 */
export const runtimeText = `
const { createRequire, isBuiltin } = require('node:module');
const { pathToFileURL, fileURLToPath } = require('node:url');
const { isAbsolute } = require('node:path');
const { existsSync } = require('node:fs');
const direct = (url) => {
  const near = createRequire(url);
  const resolve = (specifier) => {
    const text = String(specifier);
    if (/^\\.{0,2}\\//.test(text)) return new URL(text, url).href;
    if (/^[a-z][a-z0-9+.-]+:/i.test(text)) return text;
    return isBuiltin(text) ? 'node:' + text : pathToFileURL(near.resolve(text)).href;
  };
  return { resolve, require: near, import: (specifier, options) => import(resolve(specifier), options) };
};
exports.from = (url, moved) => {
  if (moved === undefined) return direct(url);
  const [from, to, name] = moved;
  const { resolve: within, require: near } = direct(url);
  const isInside = (href) => href.startsWith(from) && !href.includes('/node_modules/');
  const old = (href) => (isInside(href) && !href.startsWith(to) ? to + href.slice(from.length) : href);
  const lacks = (file) =>
    decodeURIComponent(file) + ' does not exist at ' + name + ', but code that is loaded at run time needs it';
  const found = (href) => {
    if (href.startsWith(to) && !existsSync(new URL(href)))
      throw Object.assign(new Error(lacks(href.slice(to.length))), { code: 'ERR_MODULE_NOT_FOUND' });
    return href;
  };
  const resolve = (specifier) => old(within(specifier));
  const spelled = (specifier) =>
    isAbsolute(String(specifier)) ? fileURLToPath(old(pathToFileURL(specifier).href)) : specifier;
  const load = (specifier) => {
    try {
      return near(spelled(specifier));
    } catch (error) {
      if (error?.code === 'MODULE_NOT_FOUND' && /^[./]|^[a-z]:/i.test(String(specifier)) && error.requireStack?.length === 1)
        error.message = lacks(String(specifier));
      throw error;
    }
  };
  const require = Object.assign(load, near, {
    resolve: Object.assign((specifier, options) => near.resolve(spelled(specifier), options), near.resolve),
  });
  return { resolve, require, import: async (specifier, options) => import(found(resolve(specifier)), options) };
};
`;
