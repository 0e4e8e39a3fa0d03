/** One item is a JSON document that is read, changed and written again. */
export const items = 100;

interface Order {
  id: number;
  customer: { name: string; tags: string[] };
  lines: { sku: string; amount: number; price: number }[];
}

const documents = Array.from({ length: 10 }, (_, id) => JSON.stringify(order(id)));
let next = 0;

function order(id: number): Order {
  const lines = Array.from({ length: 8 }, (_, line) => ({
    sku: `sku-${id}-${line}`,
    amount: line,
    price: line * 1.25,
  }));
  return { id, customer: { name: `Customer number ${id}`, tags: ['new', 'export', 'ä"quoted"'] }, lines };
}

function again(text: string): string {
  const order = JSON.parse(text) as Order;
  for (const line of order.lines) line.amount += 1;
  return JSON.stringify(order);
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    next = (next + 1) % documents.length;
    total += again(documents[next] ?? '').length;
  }
  return total;
}
