/** One item is a product of two 24 × 24 matrices: floating-point arithmetic on plain arrays. */
export const items = 100;

const size = 24;
const matrices = Array.from({ length: 4 }, (_, matrix) =>
  Array.from({ length: size * size }, (_, cell) => Math.sin(matrix * 997 + cell)),
);
const product = new Array<number>(size * size).fill(0);

function multiply(left: readonly number[], right: readonly number[]): void {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) product[row * size + column] = cell(left, right, row, column);
  }
}

function cell(left: readonly number[], right: readonly number[], row: number, column: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += (left[row * size + k] ?? 0) * (right[k * size + column] ?? 0);
  return sum;
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    multiply(matrices[item & 3] ?? [], matrices[(item + 1) & 3] ?? []);
    total += product[item] ?? 0;
  }
  return total;
}
