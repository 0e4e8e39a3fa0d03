import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { startHost, type Host } from '../host/host.mjs';
import { root } from '../host/install.mjs';
import { readBehind, readPicks, readProblems, readTexts, type ProblemRow } from './texts.js';

export interface WorkbenchOptions {
  /** The folder (or `.code-workspace` file's folder) to open; absolute. */
  readonly folder: string;
  /** An installed package instead of the extension as it was built in this repository. */
  readonly vsix?: string;
  /** Folders of extensions to run from where they are; this repository where absent. */
  readonly extensionDevelopmentPaths?: readonly string[];
  /** False opens the folder in Restricted Mode, without asking. */
  readonly trust?: boolean;
  /** The user's settings. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export interface StatusBarItem {
  /** With icons as they are written: `$(dashboard) 87%`. */
  readonly text: string;
  readonly background: 'none' | 'warning' | 'error';
}

export interface Hover {
  readonly text: string;
  readonly html: string;
}

/** Quiet, quick to show a hover, and with nothing typed but what the test types. */
const settings = {
  'editor.acceptSuggestionOnCommitCharacter': false,
  'editor.autoClosingBrackets': 'never',
  'editor.autoClosingQuotes': 'never',
  'editor.autoIndent': 'none',
  'editor.autoSurround': 'never',
  'editor.hover.delay': 100,
  'editor.minimap.enabled': false,
  'editor.occurrencesHighlight': 'off',
  'editor.pasteAs.enabled': false,
  'editor.quickSuggestions': { other: 'off', comments: 'off', strings: 'off' },
  'editor.stickyScroll.enabled': false,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'typescript.tsserver.useSyntaxServer': 'never',
  'typescript.validate.enable': false,
  'javascript.validate.enable': false,
};

const patience = 30_000;

/** A VS Code with a folder open, driven as a person drives it: by keys and clicks, read from what stands on the screen. */
export class Workbench implements AsyncDisposable {
  private constructor(
    private readonly host: Host,
    private folder: string,
  ) {}

  static async start(options: WorkbenchOptions): Promise<Workbench> {
    const host = await startHost({
      folder: options.folder,
      settings: { ...settings, ...options.settings },
      ...(options.trust === undefined ? {} : { trust: options.trust }),
      ...(options.vsix === undefined
        ? { extensionDevelopmentPaths: options.extensionDevelopmentPaths ?? [root] }
        : { vsix: options.vsix }),
    });
    const workbench = new Workbench(host, options.folder);
    try {
      await workbench.ready();
    } catch (error) {
      await host.stop();
      throw error;
    }
    return workbench;
  }

  get page(): Page {
    return this.host.page;
  }

  /** Opens another folder in the same window; only the first has to wait until VS Code is compiled. */
  async open(folder: string, own: WorkbenchOptions['settings'] = {}): Promise<void> {
    this.folder = folder;
    await this.host.open(folder, { ...settings, ...own });
    await this.ready();
  }

  /** Closes the folder, and with it all that runs for it. */
  async close(): Promise<void> {
    await this.host.open();
  }

  /** Ends VS Code and all that it started. */
  async dispose(): Promise<void> {
    await this.host.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dispose();
  }

  /** Reloads the window, as `Developer: Reload Window` does. */
  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  /** @param file absolute, or relative to the folder */
  async openFile(file: string): Promise<void> {
    const absolute = path.resolve(this.folder, file);
    await this.openQuickInput('Control+P', absolute);
    // Files that were opened lately stand there until the search is through.
    const label = this.page.locator('.label-name', { hasText: exactly(path.basename(file)) });
    await this.page.locator('.quick-input-list .monaco-list-row').filter({ has: label }).first().click();
    await this.page.locator(`.tab.active[data-resource-name="${path.basename(file)}"]`).waitFor();
    await this.editor.locator('.view-line').first().waitFor();
  }

  /** Puts the keyboard into the active editor, without a click that could hit something. */
  async focusEditor(): Promise<void> {
    await this.page.keyboard.press('Control+1');
    await this.editor.locator('.monaco-editor.focused').waitFor();
  }

  /** Puts the cursor on a line (from 1) of the active editor, and the line on the screen. */
  async goToLine(line: number): Promise<void> {
    await this.openQuickInput('Control+G', `:${line}`);
    await this.page.keyboard.press('Enter');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  /** Replaces the first occurrence (case counts) of a text that stands on one line, as one edit. */
  async replaceText(from: string, to: string): Promise<void> {
    await this.select(from);
    // Pasted: what is typed is undone word by word.
    await this.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(to)})`);
    await this.page.keyboard.press('Control+V');
    await this.page.locator('.tab.active.dirty').waitFor();
  }

  /** Selects the first occurrence (case counts) of a text that stands on one line. */
  async goToText(text: string): Promise<void> {
    await this.select(text);
  }

  /** Types at the cursor. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.insertText(text);
  }

  /** Saves the active editor, and waits until it is saved. */
  async save(): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press('Control+S');
    await this.page.locator('.tab.active.dirty').waitFor({ state: 'detached' });
  }

  async undo(): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press('Control+Z');
  }

  /** The CodeLenses on the screen, from top to bottom, with icons as they are written: `$(check) 1.24 ms`. */
  async codeLenses(): Promise<string[]> {
    const lenses = await this.lenses.evaluateAll(readTexts);
    return lenses.filter((text) => text !== '' && text !== '|');
  }

  /** From now on keeps what the first CodeLens on the screen says, for `lensesSeen`. */
  async watchLenses(): Promise<void> {
    await this.lenses.first().waitFor();
    await this.page.evaluate(`{
      const seen = (globalThis.lensesSeen = []);
      const look = () => {
        const text = document.querySelector('.editor-group-container.active .codelens-decoration > a')?.textContent;
        if (text && text !== seen.at(-1)) seen.push(text);
      };
      look();
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    }`);
  }

  /** What the first CodeLens has said since `watchLenses`, one after the other. */
  async lensesSeen(): Promise<string[]> {
    const seen = await this.page.evaluate<string[]>('globalThis.lensesSeen');
    return seen.map((text) => text.replaceAll('\u00a0', ' ').trim());
  }

  /** @param text a part of the CodeLens's title, icons left out */
  async clickCodeLens(text: string): Promise<void> {
    await this.focusEditor();
    await this.editor.locator('.codelens-decoration a', { hasText: text }).first().click();
  }

  /** @param id as given to `createStatusBarItem`; null where no such item is shown */
  async statusBar(id: string): Promise<StatusBarItem | null> {
    const item = this.statusBarItem(id);
    // It may go between two questions.
    const [text] = await item.locator('.statusbar-item-label').evaluateAll(readTexts);
    const [classes] = await item.evaluateAll((found: { readonly className: string }[]) =>
      found.map((one) => one.className),
    );
    if (text === undefined || classes === undefined) return null;
    const background = classes.includes('error-kind') ? 'error' : classes.includes('warning-kind') ? 'warning' : 'none';
    return { text, background };
  }

  async clickStatusBar(id: string): Promise<void> {
    await this.statusBarItem(id).click();
  }

  /** What extensions show behind the lines (from 1) of the active editor, or of all editors of a selector; several joined by a bar. */
  async behindLines(selector = '.editor-group-container.active .editor-instance'): Promise<Record<number, string>> {
    return this.page.locator(`${selector} .monaco-editor`).evaluateAll(readBehind);
  }

  /** What stands in the tooltip of an item of the status bar. */
  async hoverStatusBar(id: string): Promise<Hover> {
    const shown = this.page.locator('.monaco-hover:not(.hidden):visible');
    // Now and then VS Code misses a pointer that jumps; a person moves away and back.
    await this.waitFor(
      async () => {
        await this.dismissHover();
        await this.statusBarItem(id).hover();
        return shown.waitFor({ timeout: 5_000 }).then(
          () => true,
          () => false,
        );
      },
      (isShown) => isShown,
    );
    return this.hover();
  }

  /** What stands in the hover over the first occurrence on the screen of a text in the active editor. */
  async hoverOn(text: string): Promise<Hover> {
    await this.dismissHover();
    const { x, y } = await this.placeOf(text);
    // Two moves, since an editor ignores a pointer that has only ever been in one place.
    await this.page.mouse.move(x + 2, y);
    await this.page.mouse.move(x, y, { steps: 3 });
    return this.hover();
  }

  /** Takes the pointer away, and every hover with it. */
  async dismissHover(): Promise<void> {
    await this.page.mouse.move(640, 2);
    await this.page.locator('.monaco-hover:not(.hidden):visible').waitFor({ state: 'detached' });
  }

  /** The document of the page that an extension shows. */
  async webview(): Promise<FrameLocator> {
    const outer = this.page.locator('iframe.webview.ready').first();
    await outer.waitFor();
    return outer.contentFrame().frameLocator('iframe#active-frame');
  }

  /** Closes the tab in front. */
  async closeEditor(): Promise<void> {
    await this.command('View: Close Editor');
  }

  /** What the Problems panel shows. It is opened where it is not open yet. */
  async problems(): Promise<ProblemRow[]> {
    const panel = this.page.locator('.markers-panel');
    if (!(await panel.isVisible())) {
      await this.command('Problems: Focus on Problems View');
      await panel.waitFor();
    }
    return panel.locator('.monaco-list-row').evaluateAll(readProblems);
  }

  /**
   * Runs a command from the palette, by its whole title: `Perf Budget: Capture Baseline`. The palette shows what there was when
   * it was opened: a person who is faster than an extension's start opens it again.
   */
  async command(title: string): Promise<void> {
    const row = this.row(title);
    await this.waitFor(
      async () => {
        await this.openQuickInput('F1', `>${title}`);
        const isOffered = await row.waitFor({ timeout: patience / 10 }).then(
          () => true,
          () => false,
        );
        if (!isOffered) await this.closeQuickInput();
        return isOffered;
      },
      (isOffered) => isOffered,
    );
    await row.click();
  }

  /** Whether the palette offers a command of this whole title. */
  async hasCommand(title: string): Promise<boolean> {
    await this.openQuickInput('F1', `>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    const found = (await this.row(title).count()) > 0;
    await this.closeQuickInput();
    return found;
  }

  /** The rows of the open picker: `label description`, and the detail on a second line. */
  async quickPickItems(): Promise<string[]> {
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    return rows.evaluateAll(readPicks);
  }

  /** Picks the row of the open picker whose label contains a text. */
  async pick(label: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: label });
    await row.first().click();
  }

  /** What the open input box or picker says about itself: title, prompt and validation message. */
  async inputMessage(): Promise<string> {
    await this.quickInput.waitFor();
    const parts = this.quickInput.locator('.quick-input-title, .quick-input-message, .quick-input-description');
    return (await parts.allTextContents()).filter((text) => text.trim() !== '').join('\n');
  }

  /** Whether an input box or a list is open. */
  isAsking(): Promise<boolean> {
    return this.quickInput.isVisible();
  }

  /** Answers the open input box. */
  async answer(text: string): Promise<void> {
    await this.quickInput.locator('.quick-input-box input').fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The messages of the notifications on the screen, the newest first. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notification-list-item-message').allTextContents();
  }

  /** Presses a button of a notification or of a dialog. */
  async press(button: string): Promise<void> {
    const buttons = this.page.locator('.notification-list-item, .monaco-dialog-box').locator('.monaco-button');
    await buttons.filter({ hasText: button }).first().click();
  }

  /** Grants trust to the folder, as the button of the Workspace Trust editor does. */
  async trust(): Promise<void> {
    await this.command('Workspaces: Manage Workspace Trust');
    await this.page.locator('.workspace-trust-editor .monaco-button', { hasText: /^Trust$/ }).click();
    await this.page.locator('[id="status.workspaceTrust"]').waitFor({ state: 'detached' });
    // It stands over everything, and keys do not get past it.
    await this.page.locator('.modal-editor-part .action-label.codicon-close').click();
    await this.page.locator('.modal-editor-part').waitFor({ state: 'detached' });
  }

  /** @returns the file, under `test-results/screenshots/` */
  async screenshot(name: string): Promise<string> {
    const file = path.join(root, 'test-results', 'screenshots', `${name}.png`);
    await mkdir(path.dirname(file), { recursive: true });
    await this.page.screenshot({ path: file, animations: 'disabled' });
    return file;
  }

  /** Reads until what was read is as it should be, and returns it; the error shows what was read last. */
  async waitFor<T>(read: () => Promise<T>, isThere: (value: T) => boolean, timeoutMs = patience): Promise<T> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const value = await read();
      if (isThere(value)) return value;
      if (Date.now() > end)
        throw new Error(`Waited ${timeoutMs} ms; at last there was ${JSON.stringify(value, null, 2)}`);
      await sleep(100);
    }
  }

  private get editor(): Locator {
    return this.page.locator('.editor-group-container.active .editor-instance');
  }

  private get lenses(): Locator {
    return this.editor.locator('.codelens-decoration > a, .codelens-decoration > span');
  }

  private get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible');
  }

  private statusBarItem(id: string): Locator {
    return this.page.locator(`.statusbar-item[id$=".${id}"]`);
  }

  /** The row of the command palette with exactly this title. */
  private row(title: string): Locator {
    // The label is in pieces, with what was typed highlighted: only its whole text tells.
    const label = this.page.locator('.label-name', { hasText: exactly(title) });
    return this.page.locator('.quick-input-list .monaco-list-row').filter({ has: label }).first();
  }

  private async ready(): Promise<void> {
    await this.page
      .locator('.monaco-workbench .statusbar-item')
      .first()
      .waitFor({ timeout: 2 * patience });
    const row = this.page.locator('.explorer-folders-view .monaco-list-row').first();
    const empty = this.page.getByText('You have not yet added a folder to the workspace');
    let turns = 0;
    const isThere = async (): Promise<boolean> => {
      // VS Code in a browser now and then reads a workspace file before it is connected, and then shows no folder until the
      // window is loaded again.
      if ((await empty.isVisible()) && ++turns === 30) await this.page.reload();
      return row.isVisible();
    };
    await this.waitFor(isThere, Boolean, 2 * patience);
  }

  private async openQuickInput(key: string, text: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.quickInput.locator('.quick-input-box input').fill(text);
  }

  private async closeQuickInput(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.quickInput.waitFor({ state: 'hidden' });
  }

  private async select(text: string): Promise<void> {
    await this.focusEditor();
    await this.page.keyboard.press('Control+Home');
    await this.page.keyboard.press('Control+F');
    const widget = this.editor.locator('.find-widget.visible');
    const matchCase = widget.locator('.codicon-case-sensitive');
    if ((await matchCase.getAttribute('aria-checked')) !== 'true') await matchCase.click();
    await widget.locator('textarea').first().fill(text);
    await widget.locator('.matchesCount', { hasText: /^1 of / }).waitFor();
    await widget.locator('.codicon-widget-close').click();
    await widget.waitFor({ state: 'detached' });
  }

  /** The middle of a text on the screen. */
  private async placeOf(text: string): Promise<{ x: number; y: number }> {
    const span = this.editor.locator('.view-line span span').getByText(text).first();
    const box = await span.boundingBox();
    if (box === null) throw new Error(`"${text}" is not on the screen.`);
    // Spans are as wide as a token of the grammar, which may be more than the text.
    const content = (await span.textContent()) ?? text;
    const middle = (content.replaceAll('\u00a0', ' ').indexOf(text) + text.length / 2) / content.length;
    return { x: box.x + box.width * middle, y: box.y + box.height / 2 };
  }

  private async hover(): Promise<Hover> {
    const contents = this.page.locator('.monaco-hover:not(.hidden):visible .hover-contents');
    // VS Code shows what it has, adds "Loading..." after 0.9 s if an extension has not answered by then, and the answer later: what
    // has stood for longer than that is all.
    let seen = '';
    let since = Date.now();
    const all = await this.waitFor(
      () =>
        contents.evaluateAll((elements: { readonly innerText: string; readonly innerHTML: string }[]) =>
          elements.map(({ innerText, innerHTML }) => ({ text: innerText, html: innerHTML })),
        ),
      (found) => {
        const now = found.map(({ text }) => text).join('\n');
        if (now !== seen) since = Date.now();
        seen = now;
        const isWhole = found.length > 0 && !found.some(({ text }) => text === '' || text === 'Loading...');
        return isWhole && Date.now() - since > 1200;
      },
    );
    return { text: all.map(({ text }) => text).join('\n'), html: all.map(({ html }) => html).join('\n') };
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[^\w\s]/gu, '\\$&')}$`);
}
