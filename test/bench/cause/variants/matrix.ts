import { answer, create, edit, type Module } from '../corpus.js';

const matrix = 'src/matrix.js';
const steps = 'src/steps.js';

const add = `  const sum = create(a.rows, a.columns);
  for (let i = 0; i < a.values.length; i++) {
    sum.values[i] = a.values[i] + b.values[i];
  }
  return sum;
`;

export const matrixModule: Module = {
  name: 'matrix',
  benchFile: 'bench/matrix.bench.js',
  benchmark: 'matrix/iterate',
  variants: [
    {
      name: 'sums through a cube root',
      kind: 'work',
      edits: [
        edit(
          matrix,
          `      product.values[row * b.columns + column] = sum;`,
          `      product.values[row * b.columns + column] = Math.cbrt(sum * sum * sum);`,
        ),
      ],
      answers: [answer('multiply', matrix, 'Math.cbrt')],
      size: 0.39,
    },
    {
      name: 'scaled by forEach',
      kind: 'closure',
      edits: [
        edit(
          matrix,
          `  for (let i = 0; i < matrix.values.length; i++) {\n    result.values[i] = matrix.values[i] * factor;\n  }\n`,
          `  matrix.values.forEach((value, i) => {\n    result.values[i] = value * factor;\n  });\n`,
        ),
      ],
      answers: [answer('scale', matrix, 'matrix.values.forEach((value, i)', 'result.values[i] = value * factor')],
      size: 0.67,
    },
    {
      name: 'rows are cut out',
      kind: 'allocation',
      edits: [
        edit(
          matrix,
          `    let squares = 0;\n    for (let i = from; i < from + matrix.columns; i++) squares += matrix.values[i] * matrix.values[i];\n`,
          `    let squares = 0;\n    for (const value of matrix.values.slice(from, from + matrix.columns)) squares += value * value;\n`,
        ),
      ],
      answers: [answer('normalize', matrix, 'for (const value of matrix')],
      size: 0.55,
    },
    {
      name: 'transposed by a split helper',
      kind: 'split',
      edits: [
        edit(
          matrix,
          `    for (let column = 0; column < matrix.columns; column++) {\n      result.values[column * matrix.rows + row] = matrix.values[row * matrix.columns + column];\n    }\n  }\n  return result;\n}`,
          `    copyRow(matrix, row, result);\n  }\n  return result;\n}\n\nfunction copyRow(matrix, row, result) {\n  const from = row * matrix.columns;\n  matrix.values.subarray(from, from + matrix.columns).forEach((value, column) => {\n    result.values[column * matrix.rows + row] = value;\n  });\n}`,
        ),
      ],
      answers: [answer('copyRow', matrix, 'matrix.values.subarray(from', 'column * matrix.rows + row] = value')],
      size: 0.54,
    },
    {
      name: 'added under another name',
      kind: 'renamed',
      edits: [
        edit(
          matrix,
          `export function add(a, b) {\n${add}`,
          `export function sumOf(a, b) {\n${add.replace('a.values[i] + b.values[i]', '(a.values[i] + b.values[i]) % 1e9')}`,
        ),
        edit(
          steps,
          `import { add, multiply, normalize, scale, trace, transpose }`,
          `import { multiply, normalize, scale, sumOf, trace, transpose }`,
        ),
        edit(steps, `scale(add(current, transpose(current)), 0.5)`, `scale(sumOf(current, transpose(current)), 0.5)`),
        edit(steps, `current = add(scale`, `current = sumOf(scale`),
      ],
      answers: [answer('sumOf', matrix, '% 1e9')],
      size: 0.44,
    },
    {
      name: 'the trace through sorted values',
      kind: 'sort',
      edits: [
        edit(
          matrix,
          `  let sum = 0;\n  for (let i = 0; i < matrix.rows; i++) sum += matrix.values[i * matrix.columns + i];\n`,
          `  let sum = 0;\n  const ordered = [...matrix.values.subarray(0, 100)].sort((a, b) => a - b);\n  for (let i = 0; i < matrix.rows; i++) sum += matrix.values[i * matrix.columns + i];\n  if (ordered[0] > sum) return ordered[0];\n`,
        ),
      ],
      answers: [answer('trace', matrix, 'const ordered =')],
      size: 0.4,
    },
    {
      name: 'squares by reduce',
      kind: 'loop',
      edits: [
        edit(
          matrix,
          `    let squares = 0;\n    for (let i = from; i < from + matrix.columns; i++) squares += matrix.values[i] * matrix.values[i];\n`,
          `    const row16 = matrix.values.subarray(from, from + matrix.columns);\n    const squares = row16.reduce((sum, value) => sum + value * value, 0);\n`,
        ),
      ],
      answers: [answer('normalize', matrix, 'const row16', 'row16.reduce')],
      size: 0.45,
    },
    {
      name: 'the first row through JSON',
      kind: 'round trip',
      edits: [
        edit(
          steps,
          `    const symmetric =`,
          `    const seen = JSON.parse(JSON.stringify([...current.values.subarray(0, 16)]));\n    if (seen.length === 0) break;\n    const symmetric =`,
        ),
      ],
      answers: [answer('iterate', steps, 'JSON.parse(JSON.stringify')],
      size: 0.28,
    },
    {
      name: 'matrices of two shapes',
      kind: 'megamorphic',
      edits: [
        edit(
          matrix,
          `  return { rows, columns, values: new Float64Array(rows * columns) };`,
          `  const values = new Float64Array(rows * columns);
  return made++ % 2 === 0 ? { values, rows, columns } : { rows, columns, values };`,
        ),
        edit(
          matrix,
          `/** Matrices of rows one after another. */`,
          `let made = 0;\n\n/** Matrices of rows one after another. */`,
        ),
      ],
      answers: [answer('multiply', matrix, 'sum += a.values', 'for (let k = 0')],
      size: 0.68,
    },
  ],
  controls: [
    {
      name: 'a helper without cost',
      edits: [
        edit(
          matrix,
          `  for (let i = 0; i < matrix.rows; i++) sum += matrix.values[i * matrix.columns + i];\n  return sum;\n}`,
          `  for (let i = 0; i < matrix.rows; i++) sum += diagonal(matrix, i);\n  return sum;\n}\n\nfunction diagonal(matrix, i) {\n  return matrix.values[i * matrix.columns + i];\n}`,
        ),
      ],
    },
    {
      name: 'renamed and moved',
      edits: [
        edit(matrix, `export function add(a, b) {\n${add}}\n\n`, ''),
        create('src/sum.js', `import { create } from './matrix.js';\n\nexport function sumOf(a, b) {\n${add}}\n`),
        edit(
          steps,
          `import { add, multiply, normalize, scale, trace, transpose } from './matrix.js';`,
          `import { multiply, normalize, scale, trace, transpose } from './matrix.js';\nimport { sumOf } from './sum.js';`,
        ),
        edit(steps, `scale(add(current, transpose(current)), 0.5)`, `scale(sumOf(current, transpose(current)), 0.5)`),
        edit(steps, `current = add(scale`, `current = sumOf(scale`),
      ],
    },
  ],
};
