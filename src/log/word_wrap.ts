/** Breaks a line of the log between words, so that a narrow terminal splits none. */

/** The columns that the time takes before each line. */
const indent = 9;

const wide = /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60]/u;

/** `columns`: of the terminal. Lines after the first one begin below the text of the first. */
export function wordWrap(text: string, columns: number): string {
  const room = Math.max(20, columns - indent);
  return text.split("\n").map((line) => wrapLine(line, room)).join("\n");
}

function wrapLine(text: string, room: number): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const longer = last === undefined ? word : `${last} ${word}`;
    if (last === undefined || widthOf(longer) > room) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

function widthOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}
