import manifest from '../package.json' with { type: 'json' };
import sentences from '../package.nls.json' with { type: 'json' };

const words: Readonly<Record<string, string>> = sentences;

/** `package.json` as VS Code shows it: with the sentences of `package.nls.json` in place of their keys. */
export const shownManifest = JSON.parse(JSON.stringify(manifest), (_, value: unknown) => {
  const key = typeof value === 'string' ? /^%(.+)%$/.exec(value)?.[1] : undefined;
  return key === undefined ? value : (words[key] ?? value);
}) as typeof manifest;
