/** One item is a title that becomes the last part of an address: strings, regular expressions, split and join. */
export const items = 200;

const titles = Array.from(
  { length: 20 },
  (_, title) => `The ${title}th Chapter: “Häuser & Gärten”, or what remained of ${'it all '.repeat(1 + (title % 4))}`,
);
let next = 0;

function plain(title: string): string {
  return title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^\w\s-]/g, '');
}

function words(title: string): string[] {
  return plain(title)
    .split(/\s+/)
    .filter((word) => word.length > 2);
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    next = (next + 1) % titles.length;
    total += words(titles[next] ?? '').join('-').length;
  }
  return total;
}
