import type { FrameText } from '../core/text/flame.js';
import { FlameView } from './flame-view.js';
import './explain.css';

/** The script of the page of Explain Regression: draws old and new beside each other, and opens places. */

declare function acquireVsCodeApi(): { postMessage(message: unknown): void };

const vscode = acquireVsCodeApi();

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest('button') : null;
  if (button === null) return;
  const { file, line, column, profiles } = button.dataset;
  if (file !== undefined) vscode.postMessage({ type: 'open', file, line: Number(line), column: Number(column) });
  else if (profiles !== undefined) vscode.postMessage({ type: 'profiles' });
});

const text = document.getElementById('graph')?.textContent;
const form = document.querySelector('form');
if (text !== undefined && form !== null) {
  const root = JSON.parse(text) as FrameText;
  const details = document.querySelector('.details');
  const output = form.querySelector('output');
  const whole = form.querySelector<HTMLButtonElement>('[data-whole]');
  const found = new Set<FrameText>();

  const looked = ({ title, file, line, column }: FrameText): void => {
    if (details === null) return;
    details.textContent = title;
    if (!file.startsWith('file:') || line === null) return;
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', className: 'link', textContent: 'Open' });
    Object.assign(button.dataset, { file, line: String(line), column: String(column ?? 1) });
    details.append(' ', button);
  };
  let isZooming = false;
  const zoomed = (frame: FrameText): void => {
    // The other side follows, and answers in turn.
    if (isZooming) return;
    isZooming = true;
    for (const view of views) view.zoom(frame);
    isZooming = false;
    if (whole !== null) whole.hidden = frame === root;
    looked(frame);
  };
  const views = Array.from(document.querySelectorAll<HTMLElement>('.chart'), (element) => {
    const side = element.dataset['side'] === 'baseline' ? 'baseline' : 'current';
    return new FlameView(element, root, side, {
      looked,
      zoomed,
      found: (frames) => frames.forEach((frame) => found.add(frame)),
    });
  });
  whole?.addEventListener('click', () => zoomed(root));
  form.addEventListener('submit', (event) => event.preventDefault());
  form.addEventListener('input', () => {
    const term = form.querySelector('input')?.value.trim().toLowerCase() ?? '';
    found.clear();
    for (const view of views) view.search(term);
    if (output !== null) output.value = term === '' ? '' : `${found.size} found`;
  });
}
