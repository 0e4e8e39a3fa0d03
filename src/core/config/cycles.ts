/** A reference from one budget to another; `mark` is the caller's. */
export interface Link<T> {
  readonly from: string;
  readonly to: string;
  readonly mark: T;
}

/** Names that lead back to the first, and the link that closes the circle. */
export interface Cycle<T> {
  readonly names: readonly string[];
  readonly closing: Link<T>;
}

/**
 * Finds the circles of names that lead to each other, one for each link that closes a circle, in the order of the links. These
 * links are the back edges of a depth-first search (Cormen et al., Introduction to Algorithms, 3rd ed., section 22.3).
 */
export function cycles<T>(links: readonly Link<T>[]): readonly Cycle<T>[] {
  const out = new Map<string, Link<T>[]>();
  for (const link of links) out.set(link.from, [...(out.get(link.from) ?? []), link]);
  const found: Cycle<T>[] = [];
  const done = new Set<string>();
  for (const root of out.keys()) {
    if (done.has(root)) continue;
    // Not recursive: a chain may be as long as the file.
    const path = [{ name: root, next: 0 }];
    const depth = new Map([[root, 0]]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const link = out.get(top.name)?.[top.next];
      top.next += 1;
      if (link === undefined) {
        path.pop();
        depth.delete(top.name);
        done.add(top.name);
        continue;
      }
      const back = depth.get(link.to);
      if (back !== undefined) {
        found.push({ names: [...path.slice(back).map(({ name }) => name), link.to], closing: link });
      } else if (!done.has(link.to)) {
        depth.set(link.to, path.length);
        path.push({ name: link.to, next: 0 });
      }
    }
  }
  return found;
}
