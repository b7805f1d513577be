/** A pipe that processes inherit: it tells when the last of them is gone. */

/** Makes the pipe, to be opened for writing by what is started; `isLeft` resolves once nobody holds it any more. */
export async function holdOpen(path: string): Promise<{ isLeft: Promise<unknown> }> {
  await new Deno.Command("mkfifo", { args: [path] }).output();
  return { isLeft: Deno.readFile(path) };
}
