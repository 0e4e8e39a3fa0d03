/** One item is an access to a cache of the 500 keys that were used last, among 800 keys. */
export const items = 1000;

const keys = Array.from({ length: 800 }, (_, key) => `user:${key}:profile`);
const cache = new Map<string, number>();
let state = 1;

/** The linear congruential generator of Numerical Recipes. */
function draw(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state;
}

function access(key: string): number {
  const known = cache.get(key);
  if (known !== undefined) {
    cache.delete(key);
    cache.set(key, known + 1);
    return 1;
  }
  cache.set(key, 0);
  if (cache.size > 500) forget();
  return 0;
}

function forget(): void {
  for (const oldest of cache.keys()) {
    cache.delete(oldest);
    return;
  }
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) total += access(keys[draw() % keys.length] ?? '');
  return total;
}
