/** A Deno process that reports its progress line by line, and is killed when the test is done with it. */
export interface Child {
  pid: number;
  /** The next line that it wrote, "" at its end. */
  nextLine(): Promise<string>;
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>;
}

export function startChild(script: URL, ...args: string[]): Child {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", script.href, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    pid: child.pid,
    async nextLine() {
      while (!text.includes("\n")) {
        const { value, done } = await reader.read();
        if (done) return "";
        text += value;
      }
      const end = text.indexOf("\n");
      const line = text.slice(0, end);
      text = text.slice(end + 1);
      return line;
    },
    async kill() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}
