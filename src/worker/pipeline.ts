import { markVariable } from '../system/processes.js';
import { openChannel } from './channel.js';
import { dieWithEngine, end } from './parent.js';
import { adoptOrphans } from './reaper.js';
import { loadModule, resolveModule } from './pipeline/modules.js';
import { openPipeline, type Pipeline, type Project } from './pipeline/open.js';
import { profileOf } from './pipeline/profile.js';
import type { Numbered, PipelineAnswer, PipelineMessage, PipelineRequest, ProjectName } from './pipeline/protocol.js';
import { refusalOf } from './pipeline/refusal.js';

// Has the project's own Vite open and asks it what modules mean. This is a process of its own, because a configuration is the
// user's code: it may print, hang, or end its process.

// What starts from here is found as a descendant, and a configuration may put its whole environment into code.
Reflect.deleteProperty(process.env, markVariable);
const variables = { ...process.env };
let pipeline: Pipeline | null = null;

const opened = (): Pipeline => {
  if (pipeline === null) throw new Error('no project is open');
  return pipeline;
};

function projectOf({ index }: ProjectName): Project {
  const found = opened().projects[index];
  if (found === undefined) throw new Error(`there is no project ${index}`);
  return found;
}

async function answer(request: PipelineRequest): Promise<PipelineAnswer> {
  try {
    switch (request.type) {
      case 'open': {
        pipeline = await openPipeline(request);
        const { tool, dependencies } = pipeline;
        return { type: 'opened', tool, dependencies };
      }
      case 'profile':
        return await profileOf(opened(), request.file, variables);
      case 'resolve':
        return await resolveModule(projectOf(request.project), request);
      case 'load':
        return await loadModule(projectOf(request.project), request);
    }
  } catch (error) {
    return refusalOf(error);
  }
}

/** Answers together, or each alone if one has what cannot be passed on, such as a function in the options of an environment. */
function answerAll(answers: typeof ready): void {
  try {
    reply({ answers });
  } catch {
    for (const one of answers)
      try {
        reply({ answers: [one] });
      } catch (error) {
        reply({ answers: [{ to: one.to, answer: refusalOf(error) }] });
      }
  }
}

const ready: { readonly to: number; readonly answer: PipelineAnswer }[] = [];
process.setSourceMapsEnabled(true);
dieWithEngine();
// A plugin's mistake must not take the answers to others with it.
process.on('uncaughtException', (error) => console.error(error));
await adoptOrphans();
const { send } = await openChannel((message) => {
  for (const request of message as readonly Numbered<PipelineRequest>[])
    void answer(request).then((given) => {
      if (ready.length === 0) setImmediate(() => answerAll(ready.splice(0)));
      ready.push({ to: request.number, answer: given });
    });
}, end);
const reply = (message: PipelineMessage): void => send(message);
