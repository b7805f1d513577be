/** A pipe that processes inherit. It shows when the last of them is gone. */

/** Makes the pipe, for started processes to open for writing. `isLeft` resolves once no process has it open. */
export async function holdOpen(path: string): Promise<{ isLeft: Promise<unknown> }> {
  await new Deno.Command("mkfifo", { args: [path] }).output();
  return { isLeft: Deno.readFile(path) };
}
