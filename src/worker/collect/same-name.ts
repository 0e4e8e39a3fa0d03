/** A random number, a time or a date: what a name gets anew at each load of its file, and nobody writes into one. */
const made = /\d\.\d{6,}|\d{4}-\d\d-\d\d(?:[T ][\d:.]+Z?)?|\b1[5-9]\d{11}\b/g;

/** Whether two names, of two loads of a file, are those of one benchmark. */
export function isSameName(one: string, other: string): boolean {
  if (one === other) return true;
  const shape = one.replaceAll(made, '#');
  return shape !== one && shape === other.replaceAll(made, '#');
}
