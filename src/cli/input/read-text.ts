import * as l10n from '@vscode/l10n';
import { createReadStream } from 'node:fs';
import { addAbortSignal } from 'node:stream';
import { err, ok, type Result } from '../../core/result.js';

const megabytes = 64;

/** Reads a file, or a stream such as standard input, of up to 64 MB. The error says that it is larger; rejects as a stream does. */
export async function readText(from: string | NodeJS.ReadStream, signal: AbortSignal): Promise<Result<string, string>> {
  const stream = addAbortSignal(signal, typeof from === 'string' ? createReadStream(from) : from);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > megabytes * 2 ** 20) return err(l10n.t`it is larger than ${megabytes} MB.`);
    chunks.push(chunk);
  }
  return ok(Buffer.concat(chunks).toString());
}
