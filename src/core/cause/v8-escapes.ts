/** Undoes the escapes of V8's log: `\x2C`, `\u00fc`, `\n`, `\\`. */
export function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replaceAll(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g, (_, byte, unit, other) => {
    const code: unknown = byte ?? unit;
    if (typeof code === 'string') return String.fromCharCode(Number.parseInt(code, 16));
    return other === 'n' ? '\n' : String(other);
  });
}
