/** Hides the cards, alerts and runs that the form excludes. Returns the number of days; null for all. `now` is in seconds. */
export function filtered(form: HTMLFormElement, now: number): number | null {
  const data = new FormData(form);
  const verdicts = new Set(data.getAll('verdict'));
  const text = textOf(data.get('text')).trim().toLowerCase();
  const tag = textOf(data.get('tag'));
  const days = Number(textOf(data.get('days')));
  const since = days > 0 ? (now - days * 24 * 60 * 60) * 1000 : -Infinity;
  const isRecent = ({ dataset }: HTMLElement): boolean => since === -Infinity || Number(dataset['at']) >= since;
  const isAbout = ({ dataset }: HTMLElement): boolean =>
    (dataset['text'] ?? '').includes(text) &&
    (tag === '' || (JSON.parse(dataset['tags'] ?? '[]') as string[]).includes(tag));
  const isFound = ({ dataset }: HTMLElement): boolean => verdicts.has(dataset['verdict'] ?? '');

  const cards = [...document.querySelectorAll<HTMLElement>('article')];
  const about = new Set(cards.filter(isAbout).map(({ id }) => id));
  // What is shown alone was asked for by its name.
  const isAlone = ({ classList }: HTMLElement): boolean => classList.contains('alone');
  for (const card of cards) card.hidden = !isAlone(card) && (!about.has(card.id) || !isFound(card) || !isRecent(card));
  for (const run of document.querySelectorAll<HTMLElement>('[data-of]')) {
    run.hidden = !about.has(run.dataset['of'] ?? '') || !isFound(run) || !isRecent(run);
  }
  for (const run of document.querySelectorAll<HTMLElement>('article tr[data-at]')) run.hidden = !isRecent(run);
  for (const line of document.querySelectorAll<HTMLElement>('tr[data-row]'))
    line.hidden = !isAbout(line) || !isFound(line) || !isRecent(line);
  for (const list of document.querySelectorAll<HTMLElement>('.recent, .recent details')) {
    const left = list.querySelectorAll('[data-of]:not([hidden])').length;
    list.hidden = left === 0;
    const summary = list instanceof HTMLDetailsElement ? list.querySelector('summary') : null;
    if (summary !== null) summary.textContent = `${left} more`;
  }
  const shown = cards.filter(({ hidden }) => !hidden).length;
  const output = form.querySelector('output');
  if (output !== null) output.value = shown === cards.length ? '' : `${shown} of ${cards.length} shown`;
  const none = document.querySelector<HTMLElement>('.none');
  if (none !== null) none.hidden = shown > 0;
  return days > 0 ? days : null;
}

function textOf(value: FormDataEntryValue | null): string {
  return typeof value === 'string' ? value : '';
}
