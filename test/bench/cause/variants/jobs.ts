import { answer, create, edit, type Module } from '../corpus.js';

const queue = 'src/queue.js';
const work = 'src/work.js';
const checksum = 'src/checksum.js';

export const jobsModule: Module = {
  name: 'jobs',
  benchFile: 'bench/jobs.bench.js',
  benchmark: 'jobs/queue',
  variants: [
    {
      name: 'checksums with big numbers',
      kind: 'other file',
      edits: [
        edit(
          checksum,
          `    sum = (sum * 31 + text.charCodeAt(i)) | 0;`,
          `    sum = (sum * 31 + text.charCodeAt(i)) | 0;\n    if (i % 8 === 0) sum = Number(BigInt.asIntN(31, BigInt(sum)));`,
        ),
      ],
      answers: [answer('checksum', checksum, 'BigInt.asIntN')],
      size: 0.15,
    },
    {
      name: 'fields by split',
      kind: 'loop',
      edits: [
        edit(
          work,
          `  let from = 0;\n  while (from < text.length) {\n    let end = text.indexOf(';', from);\n    if (end === -1) end = text.length;\n    const equals = text.indexOf('=', from);\n    fields[text.slice(from, equals)] = text.slice(equals + 1, end);\n    from = end + 1;\n  }\n`,
          `  for (const part of text.split(';')) {\n    const at = part.indexOf('=');\n    fields[part.slice(0, at)] = part.slice(at + 1);\n  }\n`,
        ),
      ],
      answers: [answer('parse', work, `text.split(';')`, `part.indexOf('=')`, `fields[part.slice(0, at)]`)],
      size: 0.19,
    },
    {
      name: 'fields through JSON',
      kind: 'round trip',
      edits: [
        edit(
          work,
          `  return sign(job, parse(data));`,
          `  const fields = parse(data);\n  job.seen = JSON.stringify(fields);\n  return sign(job, fields);`,
        ),
      ],
      answers: [answer('processJob', work, 'JSON.stringify(fields)')],
      size: 0.36,
    },
    {
      name: 'sorted before each job',
      kind: 'sort',
      edits: [
        edit(
          queue,
          `    return this.waiting.pop();`,
          `    return this.waiting.sort((a, b) => a.priority - b.priority || b.id - a.id).pop();`,
        ),
      ],
      answers: [answer('Queue.next', queue, 'this.waiting.sort')],
      size: 0.52,
    },
    {
      name: 'the best job is looked for',
      kind: 'allocation',
      edits: [
        edit(
          queue,
          `    return this.waiting.pop();`,
          `    const job = this.waiting.at(-1);\n    this.waiting = this.waiting.map((each) => ({ ...each })).filter((each) => each.id !== job?.id);\n    return job;`,
        ),
      ],
      answers: [answer('Queue.next', queue, 'this.waiting = this.waiting.map(')],
      size: 0.51,
    },
    {
      name: 'the size is deleted',
      kind: 'delete',
      edits: [
        edit(
          work,
          `  return { id: job.id, sum, size: Number(fields.size) };`,
          `  const size = Number(fields.size);\n  delete fields.size;\n  return { id: job.id, sum, size, fields };`,
        ),
      ],
      answers: [answer('sign', work, 'delete fields.size')],
      size: 0.21,
    },
    {
      name: 'signed under another name, encoded',
      kind: 'renamed',
      edits: [
        edit(work, `  return sign(job, parse(data));`, `  return signed(job, parse(data));`),
        edit(
          work,
          `function sign(job, fields) {\n  let sum = job.id;\n  for (const name in fields) sum = checksum(fields[name], sum);`,
          `function signed(job, fields) {\n  let sum = job.id;\n  for (const name in fields) sum = checksum(encodeURIComponent(fields[name]), sum);`,
        ),
      ],
      answers: [answer('signed', work, 'encodeURIComponent(')],
      size: 0.26,
    },
    {
      name: 'waits for all of one',
      kind: 'work',
      edits: [
        edit(
          queue,
          `    const result = await work(job, tries);\n`,
          `    const [result] = await Promise.all([work(job, tries)]);\n`,
        ),
      ],
      answers: [answer('attempt', queue, 'Promise.all([work')],
      size: 0.47,
    },
    {
      name: 'closures for the fields',
      kind: 'closure',
      edits: [
        edit(
          work,
          `  for (const name in fields) sum = checksum(fields[name], sum);`,
          `  const steps = Object.entries(fields).map(([name, value]) => (from) => checksum(value, from + name.length));\n  for (const step of steps) sum = step(sum);`,
        ),
      ],
      answers: [answer('sign', work, 'const steps =', 'sum = step(sum)')],
      size: 0.57,
    },
  ],
  controls: [
    {
      name: 'a step in between',
      edits: [
        edit(work, `  return sign(job, parse(data));`, `  const fields = parse(data);\n  return sign(job, fields);`),
      ],
    },
    {
      name: 'the order in a file of its own',
      edits: [
        edit(
          queue,
          `/** The most important one last. */\nfunction ordered(jobs) {\n  return jobs.slice().sort((a, b) => a.priority - b.priority || b.id - a.id);\n}\n\n`,
          '',
        ),
        edit(
          queue,
          `/** Runs what it is given`,
          `import { ordered } from './ordered.js';\n\n/** Runs what it is given`,
        ),
        create(
          'src/ordered.js',
          `/** The most important one last. */\nexport function ordered(jobs) {\n  return jobs.slice().sort((a, b) => a.priority - b.priority || b.id - a.id);\n}\n`,
        ),
      ],
    },
  ],
};
