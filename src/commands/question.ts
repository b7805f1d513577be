/** Asks the user in the terminal. */
import { t } from "../language.ts";
import { UserError } from "../user_error.ts";

const secretName = /password|token|secret|key/i;
const keys = { ctrlC: 3, ctrlD: 4, backspace: 8, newline: 10, enter: 13, delete: 127 };

/** The trimmed answer; "" for none. A secret is not echoed. Throws a `UserError` at Ctrl-C. */
export function answerTo(name: string): string {
  const isSecret = secretName.test(name);
  return (isSecret ? hiddenAnswer(`${t`${name} (not shown)`}: `) : prompt(`${name}:`) ?? "").trim();
}

/** Whether the user agrees, in English or in the language of the question. */
export function agrees(question: string): boolean {
  const answer = prompt(question)?.trim().toLowerCase() ?? "";
  return answer === "yes" || withoutAccents(answer) === withoutAccents(t`yes`);
}

function withoutAccents(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "");
}

function hiddenAnswer(question: string): string {
  write(question);
  Deno.stdin.setRaw(true);
  try {
    return new TextDecoder().decode(new Uint8Array(readLine()));
  } finally {
    Deno.stdin.setRaw(false);
    write("\n");
  }
}

/** Reads the bytes up to Enter. */
function readLine(): number[] {
  const line: number[] = [];
  const buffer = new Uint8Array(1);
  while (Deno.stdin.readSync(buffer) !== null) {
    const [byte = 0] = buffer;
    switch (byte) {
      case keys.enter:
      case keys.newline:
      case keys.ctrlD:
        return line;
      case keys.ctrlC:
        throw new UserError(t`Nothing was added.`);
      case keys.backspace:
      case keys.delete:
        removeCharacter(line);
        break;
      default:
        if (byte >= 0x20) line.push(byte);
    }
  }
  return line;
}

/** Removes the last UTF-8 character. Its bytes after the first all start with the bits 10. */
function removeCharacter(line: number[]): void {
  while (((line.pop() ?? 0) & 0xc0) === 0x80);
}

function write(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
