/** One item is a list of 60 records that is copied and sorted by two keys. */
export const items = 100;

interface Entry {
  readonly group: number;
  readonly name: string;
}

const lists = Array.from({ length: 25 }, (_, list) => Array.from({ length: 60 }, (_, entry) => record(list, entry)));
let next = 0;

function record(list: number, entry: number): Entry {
  const mixed = Math.imul(list * 60 + entry + 1, 0x9e3779b1) >>> 0;
  return { group: mixed % 12, name: `name ${(mixed >>> 8) % 100}` };
}

function compare(a: Entry, b: Entry): number {
  return a.group - b.group || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    next = (next + 1) % lists.length;
    total += [...(lists[next] ?? [])].sort(compare)[0]?.group ?? 0;
  }
  return total;
}
