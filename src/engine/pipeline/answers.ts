import * as v from 'valibot';
import type { PipelineAnswer, PipelineMessage } from '../../worker/pipeline/protocol.js';

// What the process with the project's own Vite may send. It is data from a process in which code of the user runs.

const texts = v.array(v.string());
const line = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const anything = v.record(v.string(), v.unknown());

const answer: v.GenericSchema<unknown, PipelineAnswer> = v.variant('type', [
  v.object({ type: v.literal('opened'), tool: v.string(), dependencies: texts }),
  v.object({
    type: v.literal('profile'),
    project: v.object({ index: line, environment: v.picklist(['ssr', 'client']) }),
    setupFiles: texts,
    metaEnv: anything,
    variables: v.record(v.string(), v.string()),
    defines: anything,
    moreDefines: v.string(),
    globals: texts,
    environment: v.nullable(
      v.object({ name: v.string(), module: v.string(), isBuiltin: v.boolean(), options: anything }),
    ),
    execArgv: texts,
    remarks: texts,
  }),
  v.object({ type: v.literal('resolved'), id: v.nullable(v.string()), external: v.boolean() }),
  v.object({
    type: v.literal('loaded'),
    code: v.string(),
    map: v.nullable(v.string()),
    source: v.nullable(v.string()),
    watched: texts,
  }),
  v.object({
    type: v.literal('refused'),
    message: v.string(),
    file: v.exactOptional(v.string()),
    line: v.exactOptional(line),
    column: v.exactOptional(line),
  }),
]);

const schema: v.GenericSchema<unknown, PipelineMessage> = v.object({
  answers: v.array(v.object({ to: line, answer })),
});

/** Returns the answers in a message; null if it is none. */
export function readAnswers(message: unknown): PipelineMessage['answers'] | null {
  const parsed = v.safeParse(schema, message);
  return parsed.success ? parsed.output.answers : null;
}
