const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Writes times as the reader does. */
export function localize(root: ParentNode): void {
  for (const element of root.querySelectorAll('time')) element.textContent = format.format(new Date(element.dateTime));
}
