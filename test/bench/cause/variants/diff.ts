import { answer, create, edit, type Module } from '../corpus.js';

const file = 'src/diff.js';

const similarity = `/** The share of lines that stayed. */
export function similarity(changes) {
  let same = 0;
  let all = 0;
  for (const { kind, lines } of changes) {
    if (kind === 'same') same += lines.length;
    all += lines.length;
  }
  return all === 0 ? 1 : same / all;
}
`;

export const diffModule: Module = {
  name: 'diff',
  benchFile: 'bench/diff.bench.js',
  benchmark: 'diff/patch',
  variants: [
    {
      name: 'lines normalized by a pattern',
      kind: 'regular expression',
      edits: [edit(file, `lines[i].trimEnd();`, `lines[i].replace(/\\s+$/, '');`)],
      answers: [answer('identify', file, 'lines[i].replace')],
      size: 0.43,
    },
    {
      name: 'the previous change is deleted',
      kind: 'delete',
      edits: [
        edit(
          file,
          `  for (const change of changes) {\n    if (last`,
          `  for (const change of changes) {\n    delete change.previous;\n    if (last`,
        ),
      ],
      answers: [answer('merge', file, 'delete change.previous')],
      size: 0.51,
    },
    {
      name: 'the larger with a fraction',
      kind: 'work',
      edits: [
        edit(
          file,
          `cells[(i + 1) * width + j + 1] + 1 : right > below ? right : below;`,
          `cells[(i + 1) * width + j + 1] + 1 : Math.round(Math.max(right, below) + i / width / 1e6);`,
        ),
      ],
      answers: [answer('lengths', file, 'Math.round(Math.max(')],
      size: 0.39,
    },
    {
      name: 'merged by concat',
      kind: 'copy',
      edits: [edit(file, `      last.lines.push(change.line);`, `      last.lines = last.lines.concat(change.line);`)],
      answers: [answer('merge', file, 'last.lines.concat')],
      size: 0.31,
    },
    {
      name: 'text letter by letter',
      kind: 'concatenation',
      edits: [
        edit(
          file,
          `    for (const line of lines) text += sign + line + '\\n';`,
          `    for (const line of lines) text += sign + [...line.slice(0, 12)].join('') + line.slice(12) + '\\n';`,
        ),
      ],
      answers: [answer('patchText', file, '[...line.slice(0, 12)]')],
      size: 0.93,
    },
    {
      name: 'similarity over all letters',
      kind: 'renamed',
      edits: [
        edit(
          file,
          similarity,
          `/** The share of letters that stayed. */\nexport function shareOfSame(changes) {\n  let same = 0;\n  let all = 0;\n  for (const { kind, lines } of changes) {\n    const letters = lines.join('').replaceAll(' ', '').length;\n    if (kind === 'same') same += letters;\n    all += letters;\n  }\n  return all === 0 ? 1 : same / all;\n}\n\nexport { shareOfSame as similarity };\n`,
        ),
      ],
      answers: [answer('shareOfSame', file, `lines.join('')`)],
      size: 0.34,
    },
    {
      name: 'the start through slices',
      kind: 'allocation',
      edits: [
        edit(
          file,
          `  let count = 0;\n  while (count < a.length - start`,
          `  let count = 0;\n  for (let n = 2; n < 20; n++) if (a.slice(-n).join() === b.slice(-n).join()) count = n < a.length - start ? 0 : count;\n  while (count < a.length - start`,
        ),
      ],
      answers: [answer('commonEnd', file, 'a.slice(-n).join()')],
      size: 0.33,
    },
    {
      name: 'steps through JSON in a helper',
      kind: 'split',
      edits: [
        edit(
          file,
          `    } else if (j === b.length || (i < a.length && cells[(i + 1) * width + j] >= cells[i * width + j + 1])) {`,
          `    } else if (isRemoval(a, b, cells, width, i, j)) {`,
        ),
        edit(
          file,
          `function createChange(`,
          `function isRemoval(a, b, cells, width, i, j) {\n  const choices = JSON.parse(JSON.stringify({ below: cells[(i + 1) * width + j] ?? -1, right: cells[i * width + j + 1] ?? -1, at: [i, j] }));\n  return j === b.length || (i < a.length && choices.below >= choices.right);\n}\n\nfunction createChange(`,
        ),
      ],
      answers: [answer('isRemoval', file, 'JSON.parse(JSON.stringify({ below')],
      size: 0.42,
    },
    {
      name: 'ids through an object',
      kind: 'round trip',
      edits: [edit(file, `      ids.set(key, id);`, `      ids.set(key, JSON.parse(JSON.stringify({ id })).id);`)],
      answers: [answer('identify', file, 'JSON.parse(JSON.stringify')],
      size: 0.52,
    },
  ],
  controls: [
    {
      name: 'similarity in a file of its own',
      edits: [
        edit(file, similarity, `export { similarity } from './similarity.js';\n`),
        create('src/similarity.js', similarity),
      ],
    },
    {
      name: 'named variables',
      edits: [
        edit(
          file,
          `  const table = lengths(old.ids.slice(start, old.ids.length - end), now.ids.slice(start, now.ids.length - end));\n`,
          `  const oldPart = old.ids.slice(start, old.ids.length - end);\n  const newPart = now.ids.slice(start, now.ids.length - end);\n  const table = lengths(oldPart, newPart);\n`,
        ),
      ],
    },
  ],
};
