/** One item is a step of an asynchronous pipeline: three awaits, one of them of two promises at once. */
export const items = 200;

const store = Array.from({ length: 64 }, (_, key) => ({ key, value: key * 3 }));

async function load(key: number): Promise<number> {
  await Promise.resolve();
  return store[key & 63]?.value ?? 0;
}

async function step(item: number): Promise<number> {
  const first = await load(item);
  const [left, right] = await Promise.all([load(first), load(first + 1)]);
  return left + right;
}

export async function work(): Promise<number> {
  let total = 0;
  for (let item = 0; item < items; item++) total += await step(item);
  return total;
}
