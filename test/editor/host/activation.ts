import assert from 'node:assert/strict';
import { extensions } from 'vscode';

/** The extension in this VS Code. Throws where it is not there. */
export function perfBudget() {
  const extension = extensions.getExtension('perf-budget.perf-budget');
  assert.ok(extension, 'the extension is installed');
  return extension;
}

export interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}
