/** As much of a node of the page's document as is read here. */
interface PageNode {
  readonly className?: unknown;
  readonly nodeValue: string | null;
  readonly childNodes: Iterable<PageNode>;
}

/** As much of an element. */
interface PageElement extends PageNode {
  readonly className: string;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  getAttribute(name: string): string | null;
  readonly textContent: string | null;
}

/** One row of the Problems panel. */
export interface ProblemRow {
  /** The file's name. */
  readonly file: string;
  readonly severity: string;
  readonly message: string;
  readonly source: string;
  readonly code: string;
  /** Such as `[Ln 1, Col 1]`. */
  readonly at: string;
  /** What stands under it as related information. */
  readonly related: readonly string[];
}

/** What stands in elements of the workbench, with its icons as extensions write them. Runs in the page. */
export function readTexts(elements: PageNode[]): string[] {
  const read = (node: PageNode): string => {
    const classes = typeof node.className === 'string' ? node.className : '';
    const icon = /codicon-(?!modifier)([\w-]+)/.exec(classes)?.[1];
    const spin = classes.includes('codicon-modifier-spin') ? '~spin' : '';
    const own = icon === undefined ? (node.nodeValue ?? '') : `$(${icon}${spin})`;
    return own + Array.from(node.childNodes, read).join('');
  };
  return elements.map((element) => read(element).replaceAll('\u00a0', ' ').trim());
}

/** Each row of a picker as `label description`, and its detail on a second line. Runs in the page. */
export function readPicks(rows: PageElement[]): string[] {
  const read = (row: PageElement, selector: string) =>
    Array.from(row.querySelectorAll(selector), ({ textContent }) => (textContent ?? '').trim()).filter(
      (text) => text !== '',
    );
  return rows.map((row) => {
    const first = read(row, '.quick-input-list-row:first-child .label-name, .label-description').join(' ');
    return [first, ...read(row, '.quick-input-list-label-meta')].join('\n');
  });
}

/** The problems that the rows of the Problems panel show, files and related information included. Runs in the page. */
export function readProblems(rows: PageElement[]): ProblemRow[] {
  const problems: (ProblemRow & { related: string[] })[] = [];
  let file = '';
  for (const row of rows) {
    const text = (selector: string) =>
      Array.from(row.querySelectorAll(selector), ({ textContent }) => textContent ?? '').join('\n');
    const level = row.getAttribute('aria-level');
    if (level === '1') file = text('.label-name');
    else if (level === '3') problems.at(-1)?.related.push((row.textContent ?? '').trim());
    else {
      problems.push({
        file,
        severity: row.querySelector('.marker-icon')?.className.replace('marker-icon', '').trim() ?? '',
        message: text('.marker-message'),
        source: text('.marker-source'),
        code: text('.marker-code'),
        at: text('.marker-line'),
        related: [],
      });
    }
  }
  return problems;
}

/** What stands behind lines, by their numbers: the pictures of CSS that decorations make. Runs in the page. */
export function readBehind(editors: PageElement[]): Record<number, string> {
  const window = globalThis as unknown as {
    getComputedStyle(of: PageElement, pseudo: string): { readonly content: string };
  };
  const found: Record<number, string> = {};
  const topOf = (element: PageElement) => Math.round((element as unknown as { offsetTop: number }).offsetTop);
  for (const editor of editors) {
    const numbers = new Map(
      Array.from(editor.querySelectorAll('.margin-view-overlays > div'), (row) => [
        topOf(row),
        Number(row.querySelector('.line-numbers')?.textContent ?? 0),
      ]),
    );
    for (const line of editor.querySelectorAll('.view-line')) {
      for (const span of line.querySelectorAll('span[class*="ced-"]')) {
        const { content } = window.getComputedStyle(span, '::after');
        if (content === 'none' || content === 'normal') continue;
        const text = content.replaceAll(/^"|"$/g, '').replaceAll('\u00a0', ' ');
        const number = numbers.get(topOf(line)) ?? 0;
        found[number] = found[number] === undefined ? text : `${found[number]} | ${text}`;
      }
    }
  }
  return found;
}
