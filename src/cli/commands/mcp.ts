import { realpath } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import {
  CallToolRequestSchema,
  ListToolsRequestSchema,
  RootsListChangedNotificationSchema,
  type CallToolResult,
  type ServerNotification,
} from '@modelcontextprotocol/sdk/types.js';
import pLimit from 'p-limit';
import { version } from '../../../package.json';
import { visibleLine } from '../../core/text/escape.js';
import { isWithin } from '../../engine/util/paths.js';
import type { ProgressDisplay } from '../../requests/measure/terms.js';
import { findConfigs, outerFirst } from '../../requests/selection/configs.js';
import { NoConfigError, UsageError } from '../../requests/selection/usage-error.js';
import { definitionOf, definitions, inputSchema } from '../../requests/tools/definitions.js';
import { callTool } from '../../requests/tools/index.js';
import type { Host } from '../../requests/tools/tool.js';
import type { GlobalOptions, McpOptions } from '../input/options.js';
import { nodePath } from '../input/node.js';
import { noConfig, withConfigs, workerPath } from '../input/projects.js';
import { exitCodes } from '../../requests/report/exit-codes.js';
import { printError, terminalLog } from '../terminal/terminal.js';

const instructions =
  'Performance budgets say how fast code must stay. Before you change hot code, call perf_budget_check; after the change, call it again with the files that you changed. If a budget is broken, call perf_budget_explain. Never loosen, waive or delete a budget, and never capture a baseline, unless the user asks for it.';

const refusal =
  'Nothing was run: this folder is not trusted, and measuring runs its code. Only perf_budget_list and perf_budget_history answer. The user can trust the folder in the editor, or start perf-budget mcp without --untrusted.';

/**
 * Serves the tools over standard input and output until that ends, or the user interrupts. Standard output carries nothing but the
 * protocol. Returns the exit code.
 */
export async function mcp(given: GlobalOptions, { untrusted }: McpOptions): Promise<number> {
  const options = { ...given, directory: await realpath(given.directory) };
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- McpServer takes schemas of zod alone, and VS Code needs JSON Schema, too.
  const server = new Server(
    { name: 'perf-budget', title: 'Perf Budget', version },
    { capabilities: { tools: {} }, instructions },
  );
  const ending = new AbortController();
  const roots = new Roots(server, options.directory, ending.signal);
  // What is measured at once would disturb each other's figures.
  const turns = pLimit(1);
  const calls = new Set<Promise<unknown>>();

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: definitions.map((one) => ({
      name: one.name,
      title: one.title,
      description: one.description,
      inputSchema: inputSchema(one),
      outputSchema: one.output as { type: 'object' },
      annotations: {
        title: one.title,
        // A benchmark may do anything; none of the tools changes what the user wrote.
        ...{ readOnlyHint: !one.runsCode, destructiveHint: false, idempotentHint: true, openWorldHint: false },
      },
    })),
  }));

  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const signal = AbortSignal.any([extra.signal, ending.signal, options.signal]);
    const token = params._meta?.progressToken;
    const progress = token === undefined ? nowhere : new Notifications(token, extra.sendNotification);
    const host = hostOf({ ...options, signal }, roots, untrusted);
    const answer = async (): Promise<CallToolResult> => {
      const { text, document, isError } = await callTool(params.name, params.arguments ?? {}, {
        host,
        signal,
        progress,
      });
      return {
        content: [{ type: 'text', text }],
        ...(document !== null && { structuredContent: document as Record<string, unknown> }),
        ...(isError && { isError }),
      };
    };
    const call = (definitionOf(params.name)?.runsCode === true ? turns(answer) : answer()).catch(bug);
    calls.add(call);
    return call.finally(() => calls.delete(call));
  });

  const ended = new Promise<void>((resolve) => {
    server.onclose = resolve;
    server.onerror = (error) => printError(`perf-budget: ${error.message}`);
    for (const event of ['end', 'close']) process.stdin.once(event, () => resolve());
    process.stdout.once('error', () => resolve());
    options.signal.addEventListener('abort', () => resolve());
  });
  await server.connect(new StdioServerTransport());
  await ended;
  // A measurement ends with those who wait for it, and its processes with it.
  ending.abort();
  await Promise.allSettled(calls);
  await server.close();
  return exitCodes.ok;
}

function bug(error: unknown): CallToolResult {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  printError(words);
  const text = `Perf Budget could not finish, for a reason that it does not know: ${error instanceof Error ? error.message : words}`;
  return { content: [{ type: 'text', text }], isError: true };
}

/** The folders that a client names, as far as they are in the working directory, for which the user started the program. */
class Roots {
  #known: Promise<readonly string[] | null> | null = null;

  constructor(
    readonly server: Pick<McpServer['server'], 'getClientCapabilities' | 'listRoots' | 'setNotificationHandler'>,
    readonly directory: string,
    /** Aborted when nobody answers any more. */
    readonly signal: AbortSignal,
  ) {
    server.setNotificationHandler(RootsListChangedNotificationSchema, () => {
      this.#known = null;
    });
  }

  /** Returns real paths; null if the client names none, so that the working directory alone counts. */
  async list(): Promise<readonly string[] | null> {
    if (this.server.getClientCapabilities()?.roots === undefined) return null;
    if (this.#known !== null) return this.#known;
    const asked = this.#ask();
    this.#known = asked;
    // The next call asks again.
    asked.catch(() => {
      if (this.#known === asked) this.#known = null;
    });
    return asked;
  }

  async #ask(): Promise<readonly string[] | null> {
    const { roots } = await this.server.listRoots(undefined, { signal: this.signal }).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new UsageError(
        `The client did not say which folders it has open: ${why}. Call again, or open a folder in it.`,
      );
    });
    const folders = roots.flatMap(({ uri }) => folderOf(uri) ?? []);
    const real = await Promise.all(folders.map((one) => realpath(one).catch(() => null)));
    const served = real.flatMap((one) => {
      if (one === null) return [];
      if (isWithin(this.directory, one)) return [one];
      return isWithin(one, this.directory) ? [this.directory] : [];
    });
    return [...new Set(served)];
  }
}

/** Returns the path that a URI names; null if it names none on this machine, such as `file://elsewhere/a`. */
function folderOf(uri: string): string | null {
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

function hostOf(options: GlobalOptions, roots: Roots, untrusted: boolean): Host {
  const { directory } = options;
  const allowed = async (): Promise<readonly string[]> => {
    const listed = await roots.list();
    if (listed?.length !== 0) return listed ?? [directory];
    throw new UsageError(
      `No folder that the client names is in ${directory}, where perf-budget mcp was started. Start it in the project, or with -C.`,
    );
  };
  const folders = async (folder: string | null): Promise<readonly string[]> => {
    const all = await allowed();
    if (folder === null) return all;
    const real = await realpath(path.resolve(directory, folder)).catch(() => null);
    if (real === null) throw new UsageError(`There is no folder "${folder}" in ${directory}.`);
    if (all.some((one) => isWithin(one, real))) return [real];
    throw new UsageError(`"${folder}" is outside of the folders that are served: ${all.join(', ')}.`);
  };
  return {
    ...{ directory, folders, refusal: untrusted ? refusal : null },
    running: { log: terminalLog(options.verbose), workerPath, nodePath: () => nodePath(options) },
    async withProjects({ folder, runs, signal }, work) {
      const [listed, own] = [await roots.list(), await folders(folder)];
      const found = (await Promise.all(own.map(findConfigs))).flat();
      // What the user started it for may be governed from above; what a client names ends at that.
      const files = found.filter((file) => listed === null || listed.some((one) => isWithin(one, file)));
      const [above] = found;
      if (files.length === 0 && above !== undefined) {
        throw new UsageError(
          `${above} governs ${own.join(', ')}, but is outside of the folders that the client names. Open its folder in the client, and start perf-budget mcp there or with -C ${path.dirname(above)}.`,
        );
      }
      if (files.length === 0) throw new NoConfigError(noConfig(own.join(', ')));
      return withConfigs(outerFirst(files), { ...options, signal }, runs, work, { isBrief: true });
    },
  };
}

const nowhere: ProgressDisplay = { show: () => undefined, hide: () => undefined };

/** Sends progress to a client, which takes only what grows. */
class Notifications implements ProgressDisplay {
  #last = -1;
  #message = '';

  constructor(
    readonly progressToken: string | number,
    readonly send: (notification: ServerNotification) => Promise<void>,
  ) {}

  show(done: number, total: number, about: string, doing = 'measuring'): void {
    const message = `${visibleLine([doing, about].filter(Boolean).join(' '))}, ${done} of ${total}`;
    if (message === this.#message) return;
    this.#message = message;
    // A step within what is being done, and a second project that begins from 0, are a little more, too.
    this.#last = done > this.#last ? done : Number((this.#last + 0.001).toFixed(3));
    const params = { progressToken: this.progressToken, progress: this.#last, message };
    // A client that has gone needs none.
    this.send({ method: 'notifications/progress', params: { ...params, ...(this.#last <= total && { total }) } }).catch(
      () => undefined,
    );
  }

  hide(): void {
    this.#message = '';
  }
}
