/** Describes the parser's errors. */
import { createScanner, type ParseError, printParseErrorCode } from "jsonc-parser";
import { t } from "../language.ts";
import { excerpt, type Finding, positionOf, shownValue } from "./config_error.ts";

// The parser's enum of codes does not exist at run time.
const nameOf = (error: ParseError) => printParseErrorCode(error.error);

/** Whether the parser stays in sync after the error, because only one value is wrong. */
export function spoilsOneValue(error: ParseError): boolean {
  return ["InvalidEscapeCharacter", "InvalidUnicode", "InvalidCharacter"].includes(nameOf(error));
}

/** A missing comma before the next key or value: the parser continues as if it were there. */
export function isForgottenComma(text: string, error: ParseError, next: ParseError | undefined): boolean {
  return nameOf(error) === "CommaExpected" && next?.offset !== error.offset &&
    /["{[\dtfn-]/.test(text[error.offset] ?? "");
}

/** Explains the error; `next` is the parser's next error. */
export function explain(text: string, error: ParseError, next: ParseError | undefined): Finding[] {
  const { offset } = error;
  const nextName = next === undefined ? null : nameOf(next);
  const finding = (message: string, at = offset): Finding[] => [{ offset: at, path: [], message }];
  const expected = (what: string) => finding(t`found ${tokenAt(text, error)}, expected ${what}`);
  const aValue = t`a value: true, false, a number, text in double quotes, [ … ] or { … }`;
  switch (nameOf(error)) {
    case "InvalidSymbol":
      if (nextName === "PropertyNameExpected") return expected(t`a key in double quotes, as "user"`);
      if (nextName === "ValueExpected") return expected(aValue);
      return finding(t`found ${tokenAt(text, error)}, which is not allowed here`);
    case "InvalidNumberFormat":
    case "UnexpectedEndOfNumber":
      return expected(t`a number, as 5 or 0.5`);
    case "PropertyNameExpected":
      return expected(t`a key in double quotes, as "user", or "}"`);
    case "ValueExpected":
      return expected(aValue);
    case "ColonExpected":
      return expected(t`":" between a key and its value`);
    case "CommaExpected":
      return expected(isForgottenComma(text, error, next) ? t`"," before it` : t`"," or the closing bracket`);
    case "CloseBraceExpected":
      return expected(closing("}", openLine(text)));
    case "CloseBracketExpected":
      return expected(closing("]", openLine(text)));
    case "EndOfFileExpected":
      return expected(t`the end of the file: all settings must be in one pair of { and }`);
    case "UnexpectedEndOfString":
      return finding(t`the text that starts here has no closing double quote in its line`);
    case "UnexpectedEndOfComment":
      return finding(t`the comment that starts here with /* has no closing */`);
    case "InvalidEscapeCharacter":
    case "InvalidUnicode":
      return badEscapes(text, error).flatMap(({ escape, at }) =>
        finding(t`found ${escape} in a text; write \\\\ for one backslash, or / in a path`, at)
      );
    case "InvalidCharacter":
      return finding(
        t`the text that starts here contains a tab or control character; write \\t or \\u and four digits`,
      );
    default:
      return expected(t`a comment as // or /* … */`);
  }
}

function tokenAt(text: string, { offset, length }: ParseError): string {
  const token = text.slice(offset, offset + length);
  if (token === "") return t`the end of the file`;
  // A key is not secret, and helps to find the position.
  const isKey = /^\s*:/.test(text.slice(offset + length));
  const shown = isKey ? excerpt(token) : shownValue(token);
  return token.startsWith('"') || shown !== excerpt(token) ? shown : `"${shown}"`;
}

function badEscapes(text: string, { offset, length }: ParseError): { escape: string; at: number }[] {
  const escapes = text.slice(offset, offset + length).matchAll(/\\(?:u[\da-f]{4}|[\s\S])/gi);
  return [...escapes].flatMap(({ 0: escape, index }) =>
    /^\\(?:u.{4}|["\\/bfnrt])$/.test(escape) ? [] : [{ escape: excerpt(escape), at: offset + index }]
  );
}

function closing(bracket: string, line: number | null): string {
  return line === null ? `"${bracket}"` : t`"${bracket}" for the bracket in line ${line}`;
}

/** The line of the bracket that is still open at the end of the text. */
function openLine(text: string): number | null {
  const openers: Record<string, string> = { "}": "{", "]": "[" };
  const open: { bracket: string; offset: number }[] = [];
  for (const { bracket, offset } of bracketsIn(text)) {
    if (bracket === "{" || bracket === "[") open.push({ bracket, offset });
    else if (openers[bracket] === open.at(-1)?.bracket) open.pop();
  }
  const last = open.at(-1);
  return last === undefined ? null : positionOf(text, last.offset).line;
}

/** The brackets outside of texts and comments, in order. */
export function* bracketsIn(text: string): Generator<{ bracket: string; offset: number }, void> {
  const scanner = createScanner(text, true);
  // After an unclosed comment, the last token keeps its length forever.
  for (scanner.scan(); scanner.getTokenOffset() < text.length; scanner.scan()) {
    const offset = scanner.getTokenOffset();
    const bracket = text[offset]!;
    if ("{}[]".includes(bracket)) yield { bracket, offset };
  }
}
