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
      size: 0,
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
      size: 0,
    },
    {
      name: 'stopped is deleted',
      kind: 'delete',
      edits: [edit(emitter, `  return listeners.length;`, `  delete event.stopped;\n  return listeners.length;`)],
      answers: [answer('Emitter.emit', emitter, 'delete event.stopped')],
      size: 0,
    },
    {
      name: 'a closure for each call',
      kind: 'closure',
      edits: [
        edit(
          emitter,
          `  added.listener.call(added.context, event);`,
          `  [() => added.listener.call(added.context, event)].map((run) => run());`,
        ),
      ],
      answers: [answer('invoke', emitter, '.map((run) =>')],
      size: 0,
    },
    {
      name: 'listeners in order',
      kind: 'sort',
      edits: [
        edit(emitter, `  return found;\n};`, `  return found.sort((a, b) => a.name.length - b.name.length);\n};`),
      ],
      answers: [answer('Emitter.listenersOf', emitter, 'found.sort')],
      size: 0,
    },
    {
      name: 'found by spreading',
      kind: 'copy',
      edits: [
        edit(emitter, `  const found = [];\n`, `  let found = [];\n`),
        edit(
          emitter,
          `for (let i = 0; i < exact.length; i++) found.push(exact[i]);`,
          `for (const each of exact) found = [...found, each, ...[]];`,
        ),
      ],
      answers: [answer('Emitter.listenersOf', emitter, 'found = [...found')],
      size: 0,
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
      size: 0,
    },
    {
      name: 'events of many shapes',
      kind: 'megamorphic',
      edits: [
        edit(
          emitter,
          `  return { name, value, id, stopped: false };`,
          `  switch (id % 6) {\n    case 0:\n      return { id, name, value, stopped: false };\n    case 1:\n      return { value, id, name, stopped: false };\n    case 2:\n      return { stopped: false, value, id, name };\n    case 3:\n      return { name, id, value, stopped: false };\n    case 4:\n      return { value, name, id, stopped: false };\n    default:\n      return { id, value, name, stopped: false };\n  }`,
        ),
      ],
      answers: [answer('counter', emitter, 'total += event.value', 'counts.set(event.name')],
      size: 0,
    },
    {
      name: 'invoked under another name, with more arguments',
      kind: 'renamed',
      edits: [
        edit(emitter, `    invoke(each, event);`, `    callSafely(each, event);`),
        edit(
          emitter,
          `function invoke(added, event) {\n  added.calls++;\n  added.listener.call(added.context, event);\n}`,
          `function callSafely(added, event) {\n  added.calls++;\n  Reflect.apply(added.listener, added.context, Array.of(event, added.name));\n}`,
        ),
      ],
      answers: [answer('callSafely', emitter, 'Reflect.apply')],
      size: 0,
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
