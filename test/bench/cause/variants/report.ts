import { answer, create, edit, type Module } from '../corpus.js';

const report = 'src/report.js';
const group = 'src/group.js';
const order = 'src/order.js';
const summary = 'src/summary.js';
const format = 'src/format.js';

export const reportModule: Module = {
  name: 'report',
  benchFile: 'bench/report.bench.js',
  benchmark: 'report/best customers',
  variants: [
    {
      name: 'groups by concat',
      kind: 'copy',
      edits: [edit(group, `    else group.push(item);`, `    else groups.set(key, [...group.values(), item]);`)],
      answers: [answer('groupBy', group, '[...group.values(), item]')],
      size: 0.67,
    },
    {
      name: 'a key computed in a callee',
      kind: 'other file',
      edits: [
        edit(group, `    const key = keyOf(item);`, `    const key = normalKey(keyOf(item));`),
        edit(
          order,
          `export function top(`,
          `export function normalKey(key) {\n  return key.normalize('NFC').trim().toLowerCase();\n}\n\nexport function top(`,
        ),
        edit(group, `export function groupBy`, `import { normalKey } from './order.js';\n\nexport function groupBy`),
      ],
      answers: [answer('normalKey', order, `key.normalize('NFC')`)],
      size: 0.38,
    },
    {
      name: 'totals while sorting',
      kind: 'sort',
      edits: [
        edit(
          order,
          `  return b.total - a.total || (a.customer < b.customer ? -1 : 1);`,
          `  return Number(b.total.toFixed(2)) - a.total || (a.customer < b.customer ? -1 : 1);`,
        ),
      ],
      answers: [answer('byTotal', order, 'Number(b.total')],
      size: 0.42,
    },
    {
      name: 'amounts by reduce over copies',
      kind: 'allocation',
      edits: [
        edit(
          summary,
          `  let amount = 0;\n  for (const line of order.lines) amount += line.count * line.price;\n`,
          `  const amount = order.lines.map((line) => ({ ...line, sum: line.count * line.price })).reduce((sum, line) => sum + line.sum, 0);\n`,
        ),
      ],
      answers: [answer('amountOf', summary, 'order.lines.map')],
      size: 0.48,
    },
    {
      name: 'days in sorted arrays',
      kind: 'loop',
      edits: [
        edit(
          summary,
          `  const days = new Set();\n  for (const order of orders) days.add(order.day);\n  return days.size;`,
          `  const days = orders.map((order) => order.day);\n  return days.filter((day, i) => !days.slice(0, i).includes(day)).length;`,
        ),
      ],
      answers: [answer('daysOf', summary, 'days.filter')],
      size: 0.17,
    },
    {
      name: 'money by the locale',
      kind: 'moved',
      edits: [
        edit(
          format,
          `export function money(amount) {\n  const cents = Math.round(amount * 100);\n  const rest = cents % 100;\n  return grouped(Math.floor(cents / 100)) + '.' + (rest < 10 ? '0' : '') + rest;\n}\n\n/** \`1234567\` as \`1,234,567\`. */\nfunction grouped(whole) {\n  let text = String(whole);\n  let result = '';\n  while (text.length > 3) {\n    result = ',' + text.slice(-3) + result;\n    text = text.slice(0, -3);\n  }\n  return text + result;\n}\n`,
          '',
        ),
        edit(format, `export function rowText`, `import { money } from './money.js';\n\nexport function rowText`),
        create(
          'src/money.js',
          `const format = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });\n\n/** \`1234567.5\` as \`1,234,567.50\`. */\nexport function money(amount) {\n  return format.format(amount);\n}\n`,
        ),
      ],
      answers: [answer('money', 'src/money.js', 'format.format(amount)')],
      size: 0.58,
    },
    {
      name: 'median of a sorted copy of texts',
      kind: 'split',
      edits: [
        edit(summary, `  const sorted = values.sort((a, b) => a - b);\n`, `  const sorted = inOrder(values);\n`),
        edit(
          summary,
          `function daysOf(`,
          `function inOrder(values) {\n  return values.map((value) => [value.toFixed(2), value]).sort((a, b) => a[1] - b[1]).map((pair) => pair[1]);\n}\n\nfunction daysOf(`,
        ),
      ],
      answers: [answer('inOrder', summary, 'values.map((value)')],
      size: 0.49,
    },
    {
      name: 'recent ones through a date',
      kind: 'work',
      edits: [
        edit(
          report,
          `(order) => order.day >= since)`,
          `(order) => new Date(2026, 0, order.day).getDate() >= 0 && order.day >= since)`,
        ),
      ],
      answers: [answer('report', report, 'new Date(2026, 0, order.day)')],
      size: 0.51,
    },
    {
      name: 'rows with getters',
      kind: 'getter or proxy',
      edits: [
        edit(
          report,
          `rows.push({ customer, ...summary(own) });`,
          `rows.push(Object.defineProperty(summary(own), 'customer', { get: () => customer, enumerable: true }));`,
        ),
      ],
      answers: [answer('report', report, 'Object.defineProperty')],
      size: 0.39,
    },
  ],
  controls: [
    {
      name: 'moved to a file of its own',
      edits: [
        edit(
          summary,
          `function daysOf(orders) {\n  const days = new Set();\n  for (const order of orders) days.add(order.day);\n  return days.size;\n}\n`,
          '',
        ),
        edit(
          summary,
          `/** The figures of some orders. */`,
          `import { daysOf } from './days.js';\n\n/** The figures of some orders. */`,
        ),
        create(
          'src/days.js',
          `export function daysOf(orders) {\n  const days = new Set();\n  for (const order of orders) days.add(order.day);\n  return days.size;\n}\n`,
        ),
      ],
    },
    {
      name: 'formatted otherwise',
      edits: [
        edit(
          report,
          `  return top(rows, byTotal, count).map(rowText).join('\\n');`,
          `  return top(rows, byTotal, count)\n    .map(rowText)\n    .join('\\n');`,
        ),
        edit(
          group,
          `    if (group === undefined) groups.set(key, [item]);\n    else group.push(item);`,
          `    if (group === undefined) {\n      groups.set(key, [item]);\n    } else {\n      group.push(item);\n    }`,
        ),
      ],
    },
  ],
};
