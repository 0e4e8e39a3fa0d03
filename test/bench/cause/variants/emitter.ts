import { answer, edit, type Module } from '../corpus.js';

const emitter = 'lib/emitter.cjs';
const match = 'lib/match.cjs';

export const emitterModule: Module = {
  name: 'emitter',
  benchFile: 'bench/emitter.bench.cjs',
  benchmark: 'emitter/emit',
  variants: [
    {
      name: 'names matched by a pattern',
      kind: 'regular expression',
      edits: [
        edit(
          match,
          `  return function matches(name) {\n    return name.startsWith(start);`,
          `  const expression = new RegExp('^' + start);\n  return function matches(name) {\n    return expression.test(name);`,
        ),
      ],
      answers: [answer('matcherOf', match, 'expression.test')],
      size: 0.27,
    },
    {
      name: 'events are frozen',
      kind: 'work',
      edits: [
        edit(
          emitter,
          `  return { name, value, id, stopped: false };`,
          `  return Object.freeze({ name, value, id, stopped: false });`,
        ),
      ],
      answers: [answer('createEvent', emitter, 'Object.freeze')],
      size: 0.54,
    },
    {
      name: 'stopped is deleted',
      kind: 'delete',
      edits: [
        edit(
          emitter,
          `  return listeners.length;`,
          `  if (event.id % 8 === 0) delete event.stopped;\n  return listeners.length;`,
        ),
      ],
      answers: [answer('Emitter.emit', emitter, 'delete event.stopped')],
      size: 0.42,
    },
    {
      name: 'closures for all listeners',
      kind: 'closure',
      edits: [
        edit(
          emitter,
          `  for (let i = 0; i < listeners.length; i++) {\n    const each`,
          `  const calls = listeners.map((each) => invoke.bind(null, each, event));\n  for (let i = 0; i < listeners.length; i++) {\n    const each`,
        ),
        edit(emitter, `    invoke(each, event);`, `    calls[i]();`),
      ],
      answers: [answer('Emitter.emit', emitter, 'const calls = ', 'calls[i]()')],
      size: 0.37,
    },
    {
      name: 'listeners in order',
      kind: 'sort',
      edits: [
        edit(emitter, `  return found;\n};`, `  return found.sort((a, b) => a.name.length - b.name.length);\n};`),
      ],
      answers: [answer('Emitter.listenersOf', emitter, 'found.sort')],
      size: 0.53,
    },
    {
      name: 'found by spreading',
      kind: 'copy',
      edits: [
        edit(emitter, `  const found = [];\n`, `  let found = [];\n`),
        edit(
          emitter,
          `for (let i = 0; i < exact.length; i++) found.push(exact[i]);`,
          `for (const each of exact) found = [...found.values(), each];`,
        ),
      ],
      answers: [answer('Emitter.listenersOf', emitter, 'found = [...found.values()')],
      size: 0.6,
    },
    {
      name: 'counted by the start of the name',
      kind: 'concatenation',
      edits: [
        edit(
          emitter,
          `      counts.set(event.name, (counts.get(event.name) || 0) + 1);`,
          `      const own = event.name.slice(0, 12);\n      counts.set(own, (counts.get(own) || 0) + 1);`,
        ),
      ],
      answers: [answer('counter', emitter, `const own =`, `counts.set(own`)],
      size: 0.7,
    },
    {
      name: 'invoked under another name, with a text',
      kind: 'renamed',
      edits: [
        edit(emitter, `    invoke(each, event);`, `    callSafely(each, event);`),
        edit(
          emitter,
          `function invoke(added, event) {\n  added.calls++;\n  added.listener.call(added.context, event);\n}`,
          `function callSafely(added, event) {\n  added.calls++;\n  if (added.calls % 3 === 0) added.last = event.name.split(':', 1)[0];\n  added.listener.call(added.context, event);\n}`,
        ),
      ],
      answers: [answer('callSafely', emitter, 'added.last = ')],
      size: 0.43,
    },
  ],
  controls: [
    {
      name: 'a function for the last',
      edits: [
        edit(
          emitter,
          `  list[list.length - 1].once = true;\n  return this;\n};`,
          `  lastOf(list).once = true;\n  return this;\n};\n\nfunction lastOf(list) {\n  return list[list.length - 1];\n}`,
        ),
      ],
    },
    {
      name: 'renamed',
      edits: [
        edit(emitter, `    invoke(each, event);`, `    callWith(each, event);`),
        edit(
          emitter,
          `function invoke(added, event) {\n  added.calls++;`,
          `function callWith(added, event) {\n  added.calls++;`,
        ),
      ],
    },
  ],
};
