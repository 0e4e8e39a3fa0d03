import { prepareHost } from '../host/host.mjs';

/** Runs once, before the first test in an editor. */
export default async function setup(): Promise<void> {
  await prepareHost();
}
