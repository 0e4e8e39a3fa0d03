import { expect, test } from 'vitest';
import { Reader, type HeapSnapshot } from '../../../src/worker/observe/heap-snapshot.js';
import { groupsIn } from '../../../src/worker/observe/retainers.js';

const nodeTypes = ['hidden', 'array', 'string', 'object', 'code', 'closure', 'synthetic'];
const edgeTypes = ['context', 'element', 'property', 'internal', 'hidden', 'shortcut', 'weak'];

interface Node {
  readonly type: string;
  readonly name: string;
  readonly id: number;
  readonly size?: number;
  /** `type name to`, where `to` is the number of a node. */
  readonly edges?: readonly string[];
  readonly traced?: boolean;
}

/** The text of a snapshot as V8 writes it. */
function written(nodes: readonly Node[]): string {
  const strings: string[] = [''];
  const text = (one: string): number => (strings.includes(one) ? strings.indexOf(one) : strings.push(one) - 1);
  const edges = nodes.flatMap((node) => node.edges ?? []).map((edge) => edge.split(' '));
  const fields = nodes.map((one) => {
    const own = [nodeTypes.indexOf(one.type), text(one.name), one.id, one.size ?? 16, one.edges?.length ?? 0];
    return [...own, one.traced === true ? 2 : 0, 0];
  });
  const edgeFields = edges.map(([type = '', name = '', to = '']) => {
    const isIndex = type === 'element' || type === 'hidden';
    return [edgeTypes.indexOf(type), isIndex ? Number(name) : text(name), Number(to) * 7];
  });
  const infos = [
    [1, text('outer'), text('node:internal/x'), 1, 1, 1],
    [2, text('make'), text('file:///bundle.mjs'), 2, 11, 5],
  ];
  const meta = {
    node_fields: ['type', 'name', 'id', 'self_size', 'edge_count', 'trace_node_id', 'detachedness'],
    node_types: [nodeTypes, 'string', 'number', 'number', 'number', 'number', 'number'],
    edge_fields: ['type', 'name_or_index', 'to_node'],
    edge_types: [edgeTypes, 'string_or_number', 'node'],
    trace_function_info_fields: ['function_id', 'name', 'script_name', 'script_id', 'line', 'column'],
  };
  const head = JSON.stringify({ snapshot: { meta, node_count: nodes.length, edge_count: edges.length } }).slice(0, -1);
  return `${head},\n"nodes":[${fields.join('\n,')}],\n"edges":[${edgeFields.join('\n,')}],\n"trace_function_infos":[${infos.join()}],\n"trace_tree":[1,0,0,0,[2,1,5,80,[]]],\n"samples":[],\n"locations":[],\n"strings":${JSON.stringify(strings)}}`;
}

function readIn(text: string, pieces: number): HeapSnapshot {
  const reader = new Reader();
  for (let at = 0; at < text.length; at += pieces) reader.add(text.slice(at, at + pieces));
  return reader.snapshot();
}

const count = 40;
/** A module's variable `cache` with a map of new entries, each with an array; and what must not count. */
const nodes: readonly Node[] = [
  { type: 'synthetic', name: '', id: 1, edges: ['element 1 1', 'weak w 5'] },
  { type: 'synthetic', name: '(GC roots)', id: 3, edges: ['internal m 2'] },
  { type: 'object', name: 'system / Context', id: 5, edges: ['context cache 3', 'context last 5'] },
  { type: 'object', name: 'Cache', id: 7, edges: ['property entries 4'] },
  { type: 'object', name: 'Map', id: 9, edges: ['internal table 6'] },
  { type: 'object', name: 'Replaced', id: 1001 },
  { type: 'array', name: '', id: 1003, edges: Array.from({ length: count }, (_, i) => `internal ${i} ${7 + 2 * i}`) },
  ...Array.from({ length: count }, (_, i): Node[] => [
    {
      type: 'object',
      name: 'Entry',
      id: 1005 + 4 * i,
      size: 24,
      edges: [`property list ${8 + 2 * i}`],
      traced: i % 2 === 0,
    },
    { type: 'object', name: 'Array', id: 1007 + 4 * i, size: 32 },
  ]).flat(),
];

test.each([1, 7, 1e6])('a snapshot in pieces of %d characters', (pieces) => {
  const snapshot = readIn(written(nodes), pieces);
  expect(snapshot.count).toBe(nodes.length);
  expect([3, 4, 7].map((node) => [snapshot.typeOf(node), snapshot.nameOf(node), snapshot.idOf(node)])).toEqual([
    ['object', 'Cache', 7],
    ['object', 'Map', 9],
    ['object', 'Entry', 1005],
  ]);
  const found: unknown[] = [];
  snapshot.edgesOf(2, (...edge) => found.push(edge));
  expect(found).toEqual([
    ['context', 'cache', 3],
    ['context', 'last', 5],
  ]);
  expect(snapshot.traceOf(7)).toEqual([
    { name: 'make', script: 'file:///bundle.mjs', line: 10, column: 4 },
    { name: 'outer', script: 'node:internal/x', line: 0, column: 0 },
  ]);
  expect(snapshot.traceOf(8)).toEqual([]);
});

test('what each cycle leaves behind is one group, with its path, its bytes and who made it', () => {
  expect(groupsIn(readIn(written(nodes), 100), 1000, count)).toEqual([
    {
      constructor: 'Entry',
      path: [
        { kind: 'variable', of: '', name: 'cache' },
        { kind: 'property', of: 'Cache', name: 'entries' },
        { kind: 'inside', of: 'Map', name: '' },
      ],
      count,
      bytes: count * (24 + 32),
      allocatedIn: { function: 'make', url: 'file:///bundle.mjs', line: 10, column: 4 },
    },
  ]);
});

test('fewer objects than cycles are no leak, and old ones are none', () => {
  expect(groupsIn(readIn(written(nodes), 100), 1000, 10 * count)).toEqual([]);
  expect(groupsIn(readIn(written(nodes), 100), 5000, count)).toEqual([]);
});

test('a snapshot that ends early is an error', () => {
  expect(() => readIn(written(nodes).slice(0, 900), 100)).toThrow('the heap snapshot is incomplete');
});
