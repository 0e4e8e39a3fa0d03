import { isDependency, type SlowWhy } from '../cause/v8-log.js';
import { unreachable } from '../result.js';

/** Says what V8 reported, why, and the usual remedy. */
export function slowReasonWords(why: SlowWhy): string {
  switch (why.kind) {
    case 'deoptimized': {
      const times = `${why.times} times in ${Math.round(why.ms)} ms`;
      if (!isDependency(why.reason))
        return `V8 gave up optimized code here ${times}: ${why.reason}. ${deoptRemedy(why.reason)}`;
      const changed = /^dependent (.*) changed$/.exec(why.reason)?.[1];
      const what = changed === undefined ? 'something that it relied on' : (dependencies[changed] ?? changed);
      return `V8 gave up the optimized code of this function ${times}, because ${what} changed. Change prototypes, classes and globals only while the program starts.`;
    }
    case 'megamorphic':
      return megamorphicWords(why);
    case 'dictionary':
      return dictionaryWords(why.reason);
    case 'not optimized':
      if (why.reason !== null)
        return `V8 never optimizes this function: ${why.reason}. Split it into smaller functions.`;
      return `V8 never optimizes this function, because it is too long: ${Math.round(why.bytes / 1024)} KiB of bytecode, and 60 KiB are the most. Split it into smaller functions.`;
    default:
      return unreachable(why);
  }
}

/** deoptimize-reason.h and dependent-code.cc of V8. */
const dependencies: Readonly<Record<string, string>> = {
  'initial map': 'the prototype or the shape of a class that it creates objects of',
  'prototype chain': 'a prototype',
  'property cell': 'a global variable',
  'field type': 'the type of a property',
  'field type constness': 'a property that had never been assigned before',
  'field const': 'a property that had never been assigned before',
};

const deoptRemedies: readonly (readonly [RegExp, string])[] = [
  [
    /^Insufficient type feedback/,
    'Code came here that had not run before: keep rare cases in a function of their own.',
  ],
  [/\bmap\b|instance type/, 'Objects of several shapes come here: give them the same properties in the same order.'],
  [
    /call target|feedback cell/,
    'It calls a function that was created anew: create functions once, and not in each call.',
  ],
  [
    /^(?:overflow|lost precision|NaN|minus zero|division by zero|not int32|not a Smi|not a heap number)/,
    'Other values than whole numbers of 31 bits come here, but not always: keep to one kind of number.',
  ],
  [
    /out of bounds|hole/,
    'It reads an element that is not there: stay within the length of the array, and leave no holes.',
  ],
  [/^not |^Smi$|wrong (?:name|value)/, 'Values of several types come here: use a function for each type.'],
];

const deoptRemedy = (reason: string): string =>
  deoptRemedies.find(([pattern]) => pattern.test(reason))?.[1] ?? 'Call it with values of the same types each time.';

function megamorphicWords({ access, of, property }: Extract<SlowWhy, { kind: 'megamorphic' }>): string {
  if (of === 'names')
    return `Properties of more than one name are ${access} here with brackets, so V8 looks each one up. Use a Map if the names are data.`;
  if (property === null)
    return `Arrays of more than four kinds come here, so V8 decides each time how an element is ${access}. Use arrays of one kind of element, without holes.`;
  if (property === '[Symbol.iterator]')
    return `More than four kinds of objects are iterated here, so V8 looks up each time how. Iterate over arrays only, or use a loop for each kind.`;
  const preposition = access === 'read' ? 'of' : 'to';
  return `\`${property}\` is ${access} here ${preposition} objects of more than four shapes, so V8 looks it up each time. Give them the same properties in the same order, or use a function for each shape.`;
}

function dictionaryWords(reason: string): string {
  const slow = 'a dictionary, whose properties are slower to read and write';
  switch (reason) {
    case 'DeletingProperty':
      return `\`delete\` turns the object into ${slow}. Set the property to undefined, or use a Map.`;
    case 'TooManyFastProperties':
      return `The object gets so many properties one after the other that V8 turns it into ${slow}. Use a Map, or write the properties in one literal.`;
    default:
      return `This turns the object into ${slow} (V8: ${reason}). Create it with all its properties, and change only their values.`;
  }
}
