/** A range of tempos: "90-110", or "120" for half a beat around it. In beats per minute. */
export function readTempos(text: string): { from: number; to: number } | null {
  const [, first, second] = text.trim().match(/^(\d{1,3}(?:\.\d+)?)(?:\s*[-–—]\s*(\d{1,3}(?:\.\d+)?))?$/) ??
    [];
  if (first === undefined) return null;
  if (second === undefined) return { from: Number(first) - 0.5, to: Number(first) + 0.5 };
  const ends = [Number(first), Number(second)];
  return { from: Math.min(...ends), to: Math.max(...ends) };
}
