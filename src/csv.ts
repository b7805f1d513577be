/** Comma-separated values for spreadsheets, by RFC 4180. */

/** Before the first row of a file: without it, Excel reads letters beyond ASCII wrongly. */
export const csvMark = "\ufeff";

/** Spreadsheets take these, after any spaces, for the start of a formula. */
const formulaStart = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/**
 * In many countries, spreadsheets read a comma-separated file with semicolons or tabs, so that a formula may start
 * behind one in a text. The faces ";-)" and ";=]" start none.
 */
const laterFormulaStart = /[;\t]\s*(?=[=+\-@＝＋－＠](?![)\]]))/gu;

/** Spreadsheets round whole numbers of more digits, such as ids. */
const longNumber = /^\d{16,}$/;

/** A row with its line break. */
export function csvRow(cells: readonly (string | number | null)[]): string {
  return `${cells.map((cell) => typeof cell === "string" ? csvText(cell) : cell ?? "").join(",")}\r\n`;
}

/** A text as a cell. One that a spreadsheet would take for a formula or would round gets an apostrophe. */
export function csvText(text: string): string {
  const atStart = formulaStart.test(text) || longNumber.test(text) ? `'${text}` : text;
  const harmless = atStart.replace(laterFormulaStart, "$&'");
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
