/** Cuts a text to at most `longest` UTF-16 units, with "…" at its end. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const start = text.slice(0, Math.max(0, longest - 1));
  // Do not leave half of a surrogate pair, or a backslash that would escape the "…".
  const whole = start.isWellFormed() ? start : start.slice(0, -1);
  return `${whole.replace(/(?<!\\)((?:\\\\)*)\\$/, "$1")}…`;
}
