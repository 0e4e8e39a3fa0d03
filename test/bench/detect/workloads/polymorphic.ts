/** One item is a call of a method that five classes have. */
export const items = 2000;

class Circle {
  constructor(readonly radius: number) {}
  area(): number {
    return Math.PI * this.radius * this.radius;
  }
}
class Square {
  constructor(readonly side: number) {}
  area(): number {
    return this.side * this.side;
  }
}
class Rectangle {
  constructor(
    readonly width: number,
    readonly height: number,
  ) {}
  area(): number {
    return this.width * this.height;
  }
}
class Ring {
  constructor(
    readonly inner: number,
    readonly outer: number,
  ) {}
  area(): number {
    return Math.PI * (this.outer * this.outer - this.inner * this.inner);
  }
}
class Polygon {
  constructor(
    readonly sides: number,
    readonly radius: number,
  ) {}
  area(): number {
    return 0.5 * this.sides * this.radius * this.radius * Math.sin((2 * Math.PI) / this.sides);
  }
}

const shapes = Array.from({ length: 100 }, (_, index) => shape(index));
let next = 0;

function shape(index: number): { area(): number } {
  // Not one after the other, or the branch predictor learns the order.
  switch ((index * index * 7 + (index >> 2)) % 5) {
    case 0:
      return new Circle(index);
    case 1:
      return new Square(index);
    case 2:
      return new Rectangle(index, 2);
    case 3:
      return new Ring(index, index + 1);
    default:
      return new Polygon(3 + (index % 5), index);
  }
}

function areaOf(index: number): number {
  return shapes[index]?.area() ?? 0;
}

export function work(): number {
  let total = 0;
  for (let item = 0; item < items; item++) {
    next = (next + 1) % shapes.length;
    total += areaOf(next);
  }
  return total;
}
