import type { HeapProfiler } from 'node:inspector';
import type { Session } from 'node:inspector/promises';

/** A function in an allocation's stack, as V8 names it; line and column from zero. */
export interface TraceFunction {
  readonly name: string;
  readonly script: string;
  readonly line: number;
  readonly column: number;
}

/**
 * A heap snapshot in V8's format (heap-snapshot-generator.cc, `HeapSnapshotJSONSerializer`), in arrays outside of the heap. Nodes are
 * numbered in their order; the first one is the root.
 */
export interface HeapSnapshot {
  readonly count: number;
  typeOf(node: number): string;
  nameOf(node: number): string;
  sizeOf(node: number): number;
  /** The functions that allocated a node, innermost first; empty if V8 did not see it, as when it was allocated with another one. */
  traceOf(node: number): readonly TraceFunction[];
  /** V8's number of an object, which ascends in the order of their allocation. Even for what is not on its heap. */
  idOf(node: number): number;
  /** Calls back for each edge of a node. `name` is a string, or an index for elements. */
  edgesOf(node: number, visit: (type: string, name: string, to: number) => void): void;
}

interface Meta {
  readonly node_fields: readonly string[];
  readonly node_types: readonly [readonly string[], ...unknown[]];
  readonly edge_fields: readonly string[];
  readonly edge_types: readonly [readonly string[], ...unknown[]];
  readonly trace_function_info_fields: readonly string[];
}

interface Rest {
  readonly trace_function_infos: readonly number[];
  readonly trace_tree: readonly unknown[];
  readonly strings: readonly string[];
}

/** Takes a snapshot. Its text is read piece by piece, because it is some times larger than the heap. */
export async function takeHeapSnapshot(session: Session): Promise<Reader> {
  const reader = new Reader();
  const read = ({ params }: { readonly params: HeapProfiler.AddHeapSnapshotChunkEventDataType }): void =>
    reader.add(params.chunk);
  session.on('HeapProfiler.addHeapSnapshotChunk', read);
  await session.post('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  session.off('HeapProfiler.addHeapSnapshotChunk', read);
  return reader;
}

const [zero, nine, comma, close] = [0x30, 0x39, 0x2c, 0x5d];

/** Reads `{"snapshot":{…},"nodes":[…],"edges":[…],…}`: the two long lists as numbers, the rest as JSON. */
export class Reader {
  #text = '';
  #at: 'head' | 'nodes' | 'between' | 'edges' | 'rest' = 'head';
  #meta: Meta | null = null;
  #nodes = new Float64Array();
  #edges = new Uint32Array();
  #filled = 0;
  #number = 0;
  #hasDigits = false;
  readonly #rest: string[] = [];

  add(chunk: string): void {
    if (this.#at === 'rest') {
      this.#rest.push(chunk);
      return;
    }
    this.#text += chunk;
    if (this.#at === 'head' && !this.#readHead()) return;
    if (this.#at === 'nodes') {
      if (!this.#readNumbers(this.#nodes)) return;
      this.#at = 'between';
    }
    if (this.#at === 'between') {
      const begin = this.#text.indexOf('[');
      if (begin === -1) return;
      this.#begin('edges', begin);
    }
    if (this.#at === 'edges' && this.#readNumbers(this.#edges)) {
      this.#at = 'rest';
      this.#rest.push(this.#text);
      this.#text = '';
    }
  }

  #begin(what: 'nodes' | 'edges', bracket: number): void {
    this.#at = what;
    this.#filled = 0;
    this.#text = this.#text.slice(bracket + 1);
  }

  #readHead(): boolean {
    const at = /,\s*"nodes":\s*\[/.exec(this.#text);
    if (at === null) return false;
    const head = JSON.parse(`${this.#text.slice(0, at.index)}}`) as {
      readonly snapshot: { readonly meta: Meta; readonly node_count: number; readonly edge_count: number };
    };
    const { meta, node_count, edge_count } = head.snapshot;
    this.#meta = meta;
    this.#nodes = new Float64Array(node_count * meta.node_fields.length);
    this.#edges = new Uint32Array(edge_count * meta.edge_fields.length);
    this.#begin('nodes', at.index + at[0].length - 1);
    return true;
  }

  /** Returns whether the list has ended. */
  #readNumbers(into: Float64Array | Uint32Array): boolean {
    const text = this.#text;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= zero && code <= nine) {
        this.#number = this.#number * 10 + code - zero;
        this.#hasDigits = true;
      } else if (code === comma || code === close) {
        if (this.#hasDigits) into[this.#filled++] = this.#number;
        this.#number = 0;
        this.#hasDigits = false;
        if (code === close) {
          this.#text = text.slice(i + 1);
          return true;
        }
      }
    }
    this.#text = '';
    return false;
  }

  snapshot(): HeapSnapshot {
    const meta = this.#meta;
    if (meta === null || this.#at !== 'rest') throw new Error('the heap snapshot is incomplete');
    const rest = JSON.parse(`{${this.#rest.join('').replace(/^\s*,/, '')}`) as Rest;
    return open(meta, this.#nodes, this.#edges, rest);
  }
}

function open(meta: Meta, nodes: Float64Array, edges: Uint32Array, rest: Rest): HeapSnapshot {
  const { strings } = rest;
  const [width, edgeWidth] = [meta.node_fields.length, meta.edge_fields.length];
  const count = nodes.length / width;
  const field = (name: string): number => meta.node_fields.indexOf(name);
  const [type, name, id, size, edgeCount, trace] = [
    ...[field('type'), field('name'), field('id'), field('self_size')],
    ...[field('edge_count'), field('trace_node_id')],
  ] as [number, number, number, number, number, number];
  const firstEdge = new Uint32Array(count + 1);
  for (let node = 0; node < count; node++)
    firstEdge[node + 1] = (firstEdge[node] ?? 0) + (nodes[node * width + edgeCount] ?? 0);
  const read = (node: number, at: number): number => (at < 0 ? 0 : (nodes[node * width + at] ?? 0));
  const nodeTypes = meta.node_types[0];
  const edgeTypes = meta.edge_types[0];
  const traces = tracesOf(meta, rest);
  return {
    count,
    typeOf: (node) => nodeTypes[read(node, type)] ?? '',
    nameOf: (node) => strings[read(node, name)] ?? '',
    sizeOf: (node) => read(node, size),
    traceOf: (node) => traces(read(node, trace)),
    idOf: (node) => read(node, id),
    edgesOf: (node, visit) => {
      for (let edge = firstEdge[node] ?? 0; edge < (firstEdge[node + 1] ?? 0); edge++) {
        const [kind = 0, label = 0, to = 0] = edges.subarray(edge * edgeWidth, edge * edgeWidth + 3);
        const own = edgeTypes[kind] ?? '';
        const isIndex = own === 'element' || own === 'hidden';
        visit(own, isIndex ? String(label) : (strings[label] ?? ''), to / width);
      }
    },
  };
}

/** Returns a function that finds the stack of a node in the tree of allocations: `[id, function, count, size, [children…]]…`. */
function tracesOf(
  meta: Meta,
  { trace_tree, trace_function_infos, strings }: Rest,
): (id: number) => readonly TraceFunction[] {
  const fields = meta.trace_function_info_fields;
  const at = (info: number, field: string): number =>
    trace_function_infos[info * fields.length + fields.indexOf(field)] ?? 0;
  const parents = new Map<number, { readonly info: number; readonly parent: number }>();
  const tasks: { readonly list: readonly unknown[]; readonly parent: number }[] = [{ list: trace_tree, parent: 0 }];
  for (let task = tasks.pop(); task !== undefined; task = tasks.pop()) {
    const { list, parent } = task;
    for (let i = 0; i + 4 < list.length; i += 5) {
      const [id, info, , , children] = list.slice(i, i + 5) as [number, number, number, number, readonly unknown[]];
      parents.set(id, { info, parent });
      tasks.push({ list: children, parent: id });
    }
  }
  return (id) => {
    const stack: TraceFunction[] = [];
    for (let node = parents.get(id); node !== undefined; node = parents.get(node.parent)) {
      const { info } = node;
      stack.push({
        name: strings[at(info, 'name')] ?? '',
        script: strings[at(info, 'script_name')] ?? '',
        // They count from one, unlike everywhere else in V8.
        line: Math.max(0, at(info, 'line') - 1),
        column: Math.max(0, at(info, 'column') - 1),
      });
    }
    return stack;
  };
}
