import { answer, create, edit, type Module } from '../corpus.js';

const render = 'src/render.js';
const template = 'src/template.js';
const classes = 'src/classes.js';
const escape = 'packages/escape-text/index.js';
const plural = 'node_modules/plural-lite/index.js';

export const renderModule: Module = {
  name: 'render',
  benchFile: 'bench/render.bench.js',
  benchmark: 'render/list',
  variants: [
    {
      name: 'escaped by patterns, in the linked package',
      kind: 'package',
      edits: [
        edit(
          escape,
          `  let result = '';\n  let from = 0;\n  for (let i = 0; i < text.length; i++) {\n    const replacement = replacementFor(text.charCodeAt(i));\n    if (replacement === null) continue;\n    result += text.slice(from, i) + replacement;\n    from = i + 1;\n  }\n  return from === 0 ? text : result + text.slice(from);`,
          `  return text.replace(/[^a-z ]/g, (letter) => replacementFor(letter.charCodeAt(0)) ?? letter);`,
        ),
      ],
      answers: [answer('escapeText', escape, 'text.replace(')],
      size: 0.9,
    },
    {
      name: 'collapsed through arrays, in the linked package',
      kind: 'package',
      edits: [
        edit(
          escape,
          `result += isSpace ? ' ' : letter;`,
          `result = isSpace ? [result, ' '].join('') : result + letter;`,
        ),
      ],
      answers: [answer('collapsed', escape, "[result, ' ']")],
      size: 0.34,
    },
    {
      name: 'plurals never remembered',
      kind: 'package',
      edits: [edit(render, `plural(unit)`, `plural(unit, true)`)],
      answers: [
        answer('byRules', plural, 'if (pattern.test(word)) return'),
        answer('countText', render, 'plural(unit, true)'),
      ],
      why: 'The changed line calls a function of a package, which takes the time.',
      size: 0.67,
    },
    {
      name: 'templates by replace',
      kind: 'loop',
      edits: [
        edit(
          template,
          `    let result = '';\n    for (let i = 0; i < parts.length; i++) {\n      result += i % 2 === 0 ? parts[i] : values[parts[i]];\n    }\n    return result;`,
          `    let result = text;\n    for (const name in values) {\n      result = result.replace('{' + name + '}', values[name]);\n    }\n    return result;`,
        ),
      ],
      answers: [answer('compile', template, 'result.replace(')],
      size: 0.47,
    },
    {
      name: 'class names in a set',
      kind: 'allocation',
      edits: [edit(classes, `for (const tag of item.tags)`, `for (const tag of new Set(item.tags))`)],
      answers: [answer('classNames', classes, 'new Set(item.tags')],
      size: 0.23,
    },
    {
      name: 'items behind a proxy',
      kind: 'getter or proxy',
      edits: [edit(render, `    shown.push(item);`, `    shown.push(new Proxy(item, {}));`)],
      answers: [
        answer('renderItem', render, 'item.title', 'item.name', 'item.count'),
        answer('classNames', classes, 'item.count === 0', 'of item.tags'),
        answer('visible', render, 'new Proxy(item'),
      ],
      why: 'A proxy costs a little where it is made, and more at each line that reads from it, most of them in renderItem.',
      size: 0.23,
    },
    {
      name: 'visible ones sorted',
      kind: 'sort',
      edits: [
        edit(
          render,
          `  return shown;`,
          `  return shown.sort((a, b) => a.title.toUpperCase() < b.title.toUpperCase() ? 1 : -1).reverse();`,
        ),
      ],
      answers: [answer('visible', render, 'shown.sort')],
      size: 0.64,
    },
    {
      name: 'counts by a number format',
      kind: 'work',
      edits: [edit(render, '  return `${count} ${count', '  return `${count.toLocaleString("en")} ${count')],
      answers: [answer('countText', render, 'toLocaleString')],
      size: 0.64,
    },
    {
      name: 'options copied for each item',
      kind: 'copy',
      edits: [
        edit(
          render,
          `    class: classNames(item, options),`,
          `    class: classNames(item, Object.fromEntries(Object.entries(options))),`,
        ),
      ],
      answers: [answer('renderItem', render, 'Object.fromEntries')],
      size: 0.58,
    },
  ],
  controls: [
    {
      name: 'the package renamed inside',
      edits: [
        edit(escape, `    const replacement = replacementFor(`, `    const replacement = entityOf(`),
        edit(escape, `function replacementFor(code) {`, `function entityOf(code) {`),
      ],
    },
    {
      name: 'an item in a file of its own',
      edits: [
        edit(
          render,
          `function countText(count, unit) {\n  return \`\${count} \${count === 1 ? unit : plural(unit)}\`;\n}\n`,
          '',
        ),
        edit(render, `import { plural } from 'plural-lite';`, `import { countText } from './count.js';`),
        create(
          'src/count.js',
          `import { plural } from 'plural-lite';\n\nexport function countText(count, unit) {\n  return \`\${count} \${count === 1 ? unit : plural(unit)}\`;\n}\n`,
        ),
      ],
    },
  ],
};
