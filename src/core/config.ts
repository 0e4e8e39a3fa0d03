import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';
import {
  levels,
  severities,
  type BenchmarkSource,
  type Budget,
  type Check,
  type CodeReference,
  type Config,
  type Defaults,
  type Level,
  type Severity,
} from './budget.js';
import { notYet, parseCheck } from './check.js';
import { Lines, type Location, type Problem, type Range } from './problem.js';
import { closest, parseQuantity } from './quantity.js';

/** The keys of each object in the file; `later` are of the language, but not of this version. */
export const keys = {
  file: { now: ['$schema', 'benchmarks', 'budgets', 'defaults'], later: [] },
  benchmarks: { now: ['files', 'watch'], later: ['name', 'command', 'reads', 'from'] },
  budget: {
    now: ['benchmark', 'code', ...levels],
    later: ['work', 'cycles', 'concurrency', 'sum', 'manual', 'isolation', 'time', 'regression', 'tolerance'],
  },
  defaults: { now: ['regression', 'tolerance', 'time', 'baseline', 'ignore'], later: [] },
  regression: { now: [...severities, 'fail'], later: [] },
} as const;

export const defaultSettings: Defaults = {
  regression: { low: 0.05, medium: 0.1, high: 0.15, critical: 0.2, fail: 'medium' },
  tolerance: 0,
  timeMs: 2000,
  baseline: 'auto',
  ignore: ['**/node_modules/**', '**/.git/**', '**/dist/**'],
};

const start = 'Write { "benchmarks": [{ "files": "bench/**/*.bench.ts" }], "budgets": {} }, or run Initialize.';

/**
 * Reads a `perf-budget.jsonc`. Everything that is wrong comes as a problem with its exact place, all at once, and whatever can
 * be read all the same is in `config`; null where nothing can. `file` is its absolute path, with `/`.
 */
export function parseConfig(file: string, text: string): { config: Config | null; problems: readonly Problem[] } {
  const reader = new Reader(file, text);
  const config = reader.read(text);
  return { config, problems: reader.problems };
}

const offsets = (node: Node): Range => ({ start: node.offset, end: node.offset + node.length });

class Reader {
  readonly problems: Problem[] = [];
  readonly #lines: Lines;

  constructor(
    readonly file: string,
    text: string,
  ) {
    this.#lines = new Lines(file, text);
  }

  read(text: string): Config | null {
    const errors: ParseError[] = [];
    // A byte order mark is not JSON; a space in its place keeps every offset.
    const plain = text.startsWith('\ufeff') ? ` ${text.slice(1)}` : text;
    const root = parseTree(plain, errors, {
      allowTrailingComma: true,
      disallowComments: false,
      allowEmptyContent: true,
    });
    if (root === undefined) {
      this.#problem({ start: 0, end: text.length }, `The file is empty. ${start}`);
      return null;
    }
    for (const { error, offset, length } of errors) {
      const name = printParseErrorCode(error)
        .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
        .toLowerCase();
      this.#problem({ start: offset, end: offset + Math.max(length, 1) }, `This is not JSON here: ${name}.`);
    }
    const top = this.#object(root, keys.file, 'The file');
    if (top === null) return null;
    const defaults = this.#defaults(top.get('defaults'));
    return {
      file: this.file,
      benchmarks: this.#list(top.get('benchmarks'), '"benchmarks"').flatMap((node) => this.#source(node) ?? []),
      budgets: this.#budgets(top.get('budgets'), defaults),
      defaults,
    };
  }

  #location(range: Range): Location {
    return this.#lines.location(range);
  }

  #problem(range: Range, message: string): null {
    this.problems.push({ location: this.#location(range), message });
    return null;
  }

  /** The values of an object by key; unknown, repeated and later keys are problems, and so is anything but an object. */
  #object(
    node: Node | undefined,
    known: { readonly now: readonly string[]; readonly later: readonly string[] } | null,
    what: string,
  ): ReadonlyMap<string, Node> | null {
    if (node === undefined) return null;
    if (node.type !== 'object') return this.#problem(offsets(node), `${what} must be an object: { … }.`);
    const values = new Map<string, Node>();
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? [];
      if (key === undefined) continue;
      const name = String(key.value);
      if (values.has(name)) this.#problem(offsets(key), `"${name}" is here twice; the first one counts.`);
      else if (known === null || known.now.includes(name)) {
        if (value !== undefined) values.set(name, value);
      } else if (known.later.includes(name)) this.#problem(offsets(key), notYet(`"${name}"`));
      else {
        const near = closest(name, known.now);
        this.#problem(
          offsets(key),
          near === null
            ? `There is no "${name}" here. There is ${known.now.filter((one) => one !== '$schema').join(', ')}.`
            : `There is no "${name}" here; did you mean "${near}"?`,
        );
      }
    }
    return values;
  }

  #list(node: Node | undefined, what: string): readonly Node[] {
    if (node === undefined) return [];
    if (node.type === 'array') return node.children ?? [];
    this.#problem(offsets(node), `${what} must be a list: [ … ].`);
    return [];
  }

  #string(node: Node | undefined, what: string): string | null {
    if (node === undefined) return null;
    if (typeof node.value === 'string' && node.value.trim() !== '') return node.value;
    return this.#problem(
      offsets(node),
      typeof node.value === 'string' ? `${what} is empty.` : `${what} must be a string.`,
    );
  }

  #strings(node: Node | undefined, what: string): readonly string[] {
    return this.#list(node, what).flatMap((one) => this.#string(one, `Each of ${what}`) ?? []);
  }

  #source(node: Node): BenchmarkSource | null {
    const values = this.#object(node, keys.benchmarks, 'An entry of "benchmarks"');
    if (values === null) return null;
    const files = values.get('files');
    if (files === undefined) {
      const isLater = (node.children ?? []).some(({ children }) => children?.[0]?.value === 'command');
      return isLater ? null : this.#problem(offsets(node), 'Say which bench files: "files": "bench/**/*.bench.ts".');
    }
    const pattern = this.#string(files, '"files"');
    const watch = this.#strings(values.get('watch'), '"watch"');
    return pattern === null ? null : { files: pattern, watch, location: this.#location(offsets(files)) };
  }

  #budgets(node: Node | undefined, defaults: Defaults): readonly Budget[] {
    if (this.#object(node, null, '"budgets"') === null) return [];
    const seen = new Set<string>();
    return (node?.children ?? []).flatMap(({ children: [key, value] = [] }) => {
      const name = String(key?.value);
      if (key === undefined || seen.has(name)) return [];
      seen.add(name);
      if (name.trim() === '') this.#problem(offsets(key), 'A budget needs a name.');
      return (value && this.#budget(name, key, value, defaults)) ?? [];
    });
  }

  #budget(name: string, key: Node, node: Node, defaults: Defaults): Budget | null {
    const values = this.#object(node, keys.budget, `The budget "${name}"`);
    if (values === null) return null;
    const benchmarkNode = values.get('benchmark');
    const benchmark = this.#string(benchmarkNode, '"benchmark"');
    if (benchmarkNode === undefined || benchmark === null) {
      const isLater = (node.children ?? []).some(({ children }) =>
        ['sum', 'manual'].includes(String(children?.[0]?.value)),
      );
      if (benchmarkNode === undefined && !isLater) {
        this.#problem(offsets(key), `"${name}" does not say which benchmark it is about: "benchmark": "suite/case".`);
      }
      return null;
    }
    const checks = levels.flatMap((level) => this.#checks(values.get(level), level));
    if (!checks.some((check) => check.bound.kind === 'baseline')) checks.push(impliedCheck(defaults));
    return {
      name,
      benchmark,
      benchmarkLocation: this.#location(offsets(benchmarkNode)),
      code: this.#code(values.get('code')),
      checks,
      location: this.#location(offsets(key)),
    };
  }

  #checks(node: Node | undefined, level: Level): readonly Check[] {
    return this.#list(node, `"${level}"`).flatMap((one): readonly Check[] => {
      const text = this.#string(one, 'A check');
      if (text === null) return [];
      const parsed = parseCheck(text);
      if (parsed.ok) return [{ ...parsed.value, level, location: this.#location(offsets(one)) }];
      // Inside the quotes, unless an escape makes the string in the file longer than its value.
      const shift = one.length === text.length + 2 ? one.offset + 1 : null;
      const { range } = parsed.error;
      this.#problem(
        shift === null ? offsets(one) : { start: range.start + shift, end: range.end + shift },
        parsed.error.message,
      );
      return [];
    });
  }

  #code(node: Node | undefined): CodeReference | null {
    const text = this.#string(node, '"code"');
    if (text === null || node === undefined) return null;
    const hash = text.indexOf('#');
    const file = hash === -1 ? text : text.slice(0, hash);
    const symbol = hash === -1 ? null : text.slice(hash + 1);
    if (file === '' || symbol === '') {
      return this.#problem(offsets(node), '"code" is a file and a function: "src/registry.ts#Registry.lookup".');
    }
    return { file, symbol, location: this.#location(offsets(node)) };
  }

  #defaults(node: Node | undefined): Defaults {
    const values = this.#object(node, keys.defaults, '"defaults"') ?? new Map<string, Node>();
    const regression =
      this.#object(values.get('regression'), keys.regression, '"regression"') ?? new Map<string, Node>();
    const ladder = { ...defaultSettings.regression };
    for (const severity of severities) {
      ladder[severity] = this.#quantity(regression.get(severity), 'share', `"${severity}"`) ?? ladder[severity];
    }
    const falling = severities.find(
      (severity, index) => index > 0 && ladder[severity] < ladder[severities[index - 1] ?? severity],
    );
    const at = falling && regression.get(falling);
    if (at !== undefined) this.#problem(offsets(at), `"${String(falling)}" is milder than the severity before it.`);
    const time = this.#quantity(values.get('time'), 'time', '"time"');
    return {
      regression: { ...ladder, fail: this.#severity(regression.get('fail')) ?? defaultSettings.regression.fail },
      tolerance: this.#quantity(values.get('tolerance'), 'share', '"tolerance"') ?? defaultSettings.tolerance,
      timeMs: time === null ? defaultSettings.timeMs : time / 1e6,
      baseline: this.#string(values.get('baseline'), '"baseline"') ?? defaultSettings.baseline,
      ignore: values.has('ignore') ? this.#strings(values.get('ignore'), '"ignore"') : defaultSettings.ignore,
    };
  }

  #severity(node: Node | undefined): Severity | null {
    const text = this.#string(node, '"fail"');
    if (text === null || node === undefined) return null;
    const found = severities.find((severity) => severity === text);
    return found ?? this.#problem(offsets(node), `"fail" is one of ${severities.join(', ')}.`);
  }

  #quantity(node: Node | undefined, dimension: 'share' | 'time', what: string): number | null {
    const text = this.#string(node, what);
    if (text === null || node === undefined) return null;
    const parsed = parseQuantity(text);
    const example = dimension === 'share' ? '"10%"' : '"2 s"';
    if (!parsed.ok) return this.#problem(offsets(node), `${what} is written as ${example}: ${parsed.error.message}`);
    const { value, unit } = parsed.value;
    if (unit?.dimension !== dimension) return this.#problem(offsets(node), `${what} is written as ${example}.`);
    if (dimension === 'time' && value <= 0) return this.#problem(offsets(node), `${what} must be more than nothing.`);
    return value;
  }
}

/** What a budget asks that says nothing about the baseline: not to be slower by what breaks a budget. */
function impliedCheck({ regression }: Defaults): Check {
  const allowed = regression[regression.fail];
  const percent = Number((allowed * 100).toPrecision(6));
  return {
    text: `time <= baseline + ${percent}%`,
    metric: { kind: 'time' },
    relation: '<=',
    bound: { kind: 'baseline', factor: 1 + allowed },
    level: 'limit',
    location: null,
  };
}
