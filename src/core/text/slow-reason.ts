import * as l10n from '@vscode/l10n';
import { isDependency, type SlowWhy } from '../cause/v8-log.js';
import { unreachable } from '../result.js';

/** Says what V8 reported, why, and the usual remedy. */
export function slowReasonWords(why: SlowWhy): string {
  switch (why.kind) {
    case 'deoptimized': {
      const times = l10n.t`${why.times} times in ${Math.round(why.ms)} ms`;
      if (!isDependency(why.reason))
        return l10n.t`V8 gave up optimized code here ${times}: ${why.reason}. ${deoptRemedy(why.reason)}`;
      const changed = /^dependent (.*) changed$/.exec(why.reason)?.[1];
      const what =
        changed === undefined ? l10n.t('something that it relied on') : (dependencies[changed]?.() ?? changed);
      return l10n.t`V8 gave up the optimized code of this function ${times}, because ${what} changed. Change prototypes, classes and globals only while the program starts.`;
    }
    case 'megamorphic':
      return megamorphicWords(why);
    case 'dictionary':
      return dictionaryWords(why.reason);
    case 'not optimized':
      if (why.reason !== null)
        return l10n.t`V8 never optimizes this function: ${why.reason}. Split it into smaller functions.`;
      return l10n.t`V8 never optimizes this function, because it is too long: ${Math.round(why.bytes / 1024)} KiB of bytecode, and 60 KiB are the most. Split it into smaller functions.`;
    default:
      return unreachable(why);
  }
}

/** deoptimize-reason.h and dependent-code.cc of V8. */
const dependencies: Readonly<Record<string, () => string>> = {
  'initial map': () => l10n.t('the prototype or the shape of a class that it creates objects of'),
  'prototype chain': () => l10n.t('a prototype'),
  'property cell': () => l10n.t('a global variable'),
  'field type': () => l10n.t('the type of a property'),
  'field type constness': () => l10n.t('a property that had never been assigned before'),
  'field const': () => l10n.t('a property that had never been assigned before'),
};

const deoptRemedies: readonly (readonly [RegExp, () => string])[] = [
  [
    /^Insufficient type feedback/,
    () => l10n.t('Code came here that had not run before: keep rare cases in a function of their own.'),
  ],
  [
    /\bmap\b|instance type/,
    () => l10n.t('Objects of several shapes come here: give them the same properties in the same order.'),
  ],
  [
    /call target|feedback cell/,
    () => l10n.t('It calls a function that was created anew: create functions once, and not in each call.'),
  ],
  [
    /^(?:overflow|lost precision|NaN|minus zero|division by zero|not int32|not a Smi|not a heap number)/,
    () => l10n.t('Other values than whole numbers of 31 bits come here, but not always: keep to one kind of number.'),
  ],
  [
    /out of bounds|hole/,
    () => l10n.t('It reads an element that is not there: stay within the length of the array, and leave no holes.'),
  ],
  [
    /^not |^Smi$|wrong (?:name|value)/,
    () => l10n.t('Values of several types come here: use a function for each type.'),
  ],
];

const deoptRemedy = (reason: string): string =>
  deoptRemedies.find(([pattern]) => pattern.test(reason))?.[1]() ??
  l10n.t('Call it with values of the same types each time.');

function megamorphicWords({ access, of, property }: Extract<SlowWhy, { kind: 'megamorphic' }>): string {
  if (of === 'names')
    return access === 'read'
      ? l10n.t(
          'Properties of more than one name are read here with brackets, so V8 looks each one up. Use a Map if the names are data.',
        )
      : l10n.t`Properties of more than one name are written here with brackets, so V8 looks each one up. Use a Map if the names are data.`;
  if (property === null)
    return access === 'read'
      ? l10n.t(
          'Arrays of more than four kinds come here, so V8 decides each time how an element is read. Use arrays of one kind of element, without holes.',
        )
      : l10n.t`Arrays of more than four kinds come here, so V8 decides each time how an element is written. Use arrays of one kind of element, without holes.`;
  if (property === '[Symbol.iterator]')
    return l10n.t(
      `More than four kinds of objects are iterated here, so V8 looks up each time how. Iterate over arrays only, or use a loop for each kind.`,
    );
  return access === 'read'
    ? l10n.t`\`${property}\` is read here of objects of more than four shapes, so V8 looks it up each time. Give them the same properties in the same order, or use a function for each shape.`
    : l10n.t`\`${property}\` is written here to objects of more than four shapes, so V8 looks it up each time. Give them the same properties in the same order, or use a function for each shape.`;
}

function dictionaryWords(reason: string): string {
  const slow = l10n.t('a dictionary, whose properties are slower to read and write');
  switch (reason) {
    case 'DeletingProperty':
      return l10n.t`\`delete\` turns the object into ${slow}. Set the property to undefined, or use a Map.`;
    case 'TooManyFastProperties':
      return l10n.t`The object gets so many properties one after the other that V8 turns it into ${slow}. Use a Map, or write the properties in one literal.`;
    default:
      return l10n.t`This turns the object into ${slow} (V8: ${reason}). Create it with all its properties, and change only their values.`;
  }
}
