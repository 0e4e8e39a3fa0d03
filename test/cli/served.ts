import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { ListRootsRequestSchema, type CallToolResult, type Progress } from '@modelcontextprotocol/sdk/types.js';
import { afterEach, expect } from 'vitest';
import { remove } from '../engine/repository.js';
import { project } from './project.js';
import { environment, program } from './run.js';

/** What ends what a test has begun. */
export const open: (() => Promise<unknown>)[] = [];
/** What the clients got that is not the protocol. */
const strays: Error[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  expect(strays.splice(0)).toEqual([]);
});

/** Several real measurements, on a machine that may be busy. */
export const slow = 180_000;

export interface Served {
  readonly client: Client;
  readonly pid: number;
  /** What the program wrote to standard error. */
  readonly stderr: () => string;
  readonly call: (tool: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions) => Promise<Answer>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: Progress) => void;
}

export interface Answer {
  readonly text: string;
  readonly document: Readonly<Record<string, unknown>> | undefined;
  readonly isError: boolean;
}

/** Starts the built program in a folder, and connects the SDK's own client to its streams. */
export async function serve(
  cwd: string,
  args: readonly string[] = [],
  roots: readonly string[] | (() => Promise<readonly string[]>) | null = null,
): Promise<Served> {
  const transport = new StdioClientTransport({
    ...{ command: process.execPath, args: [program, 'mcp', ...args], cwd, env: environment },
    stderr: 'pipe',
  });
  const client = new Client({ name: 'test', version: '1' }, { capabilities: roots === null ? {} : { roots: {} } });
  if (roots !== null) {
    const uris =
      typeof roots === 'function' ? roots : () => Promise.resolve(roots.map((folder) => pathToFileURL(folder).href));
    client.setRequestHandler(ListRootsRequestSchema, async () => ({ roots: (await uris()).map((uri) => ({ uri })) }));
  }
  client.onerror = (error) => strays.push(error);
  let stderr = '';
  transport.stderr?.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  open.push(() => client.close());
  await client.connect(transport);
  // With the schemas of the tools, the client checks each document against its own.
  await client.listTools();
  return {
    client,
    pid: transport.pid ?? 0,
    stderr: () => stderr,
    async call(name, given = {}, options = {}) {
      const found = (await client.callTool({ name, arguments: given }, undefined, options)) as CallToolResult;
      const { content, structuredContent: document, isError = false } = found;
      const text = content.map((part) => (part.type === 'text' ? part.text : part.type)).join('\n');
      return { text, document, isError };
    },
  };
}

export function repository(): string {
  const root = project();
  open.push(() => Promise.resolve(remove(root)));
  return root;
}
