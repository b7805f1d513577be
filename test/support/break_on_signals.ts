/** Loaded before the program: makes it break, or exit, in ways that it never should by itself. */
if (Deno.build.os !== "windows") {
  Deno.addSignalListener("SIGUSR1", () => {
    throw new Error("broken on purpose");
  });
  Deno.addSignalListener("SIGUSR2", () => Deno.exit(7));
  Deno.addSignalListener("SIGTTIN", () => void Promise.reject(new Error("rejected on purpose")));
}
