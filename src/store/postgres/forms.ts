/** Statements that write one row, and others that write many, whose values are arrays. */

/** A value that comes as a column of an array. */
export interface Column {
  name: string;
  type: "bigint" | "text";
}

/** A statement for one operation, and one for many. */
export interface Forms {
  one: string;
  many: string;
  columns: readonly Column[];
}

/** `declared`: as "status text, id bigint". */
export function columnsOf(declared: string): Column[] {
  return declared.split(", ").map((text) => {
    const [name, type] = text.split(" ") as [string, Column["type"]];
    return { name, type };
  });
}

/** The values of one row, by their places. */
export function placesOf(columns: readonly Column[]): string {
  return columns.map(({ type }, index) => `$${index + 1}::${type}`).join(", ");
}

/** The same of many. */
export function arrays(columns: readonly Column[]): string {
  return columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(", ");
}
