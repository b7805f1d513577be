/** Runs a program that presses keys, so that it releases them whatever happens to Livecue. */
import { t, translated } from "livecue/language";
import { limit } from "livecue/limit";
import { UserError } from "livecue/service";
import type { Backend, CommandEnd, CommandLine } from "./backends/backend.ts";

/** The most that a program takes, besides the time for which it holds keys. */
const answerMs = 10_000;

/**
 * Resolves when the program has ended. It releases its keys as soon as its input is closed: when `release` aborts, and
 * when Livecue or the service's worker ends in any way. So it starts in a group of its own, which nobody kills.
 * Throws a `UserError` if it cannot be started, or does not end.
 */
export async function runHelper(
  backend: Pick<Backend, "install">,
  { program, args }: CommandLine,
  { release, holdMs = 0 }: { release: AbortSignal; holdMs?: number },
): Promise<CommandEnd> {
  const child = start(backend, program, args);
  const close = () => void child.stdin.close().catch(() => {});
  release.addEventListener("abort", close, { once: true });
  if (release.aborted) close();
  const late = Promise.withResolvers<never>();
  const cancelLimit = limit(holdMs + answerMs, () => late.reject(new UserError(t`${program} does not end.`)));
  try {
    const { code, stdout, stderr } = await Promise.race([child.output(), late.promise]);
    const decoder = new TextDecoder();
    return { code, output: decoder.decode(stdout), complaint: decoder.decode(stderr) };
  } finally {
    cancelLimit();
    release.removeEventListener("abort", close);
    if (!release.aborted) close();
  }
}

function start({ install }: Pick<Backend, "install">, program: string, args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args,
      detached: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UserError(t`There is no program "${program}". ${translated(install)}`);
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new UserError(
        t`The service may not run "${program}": add "${program}" to the list "run" in its "permissions". If it is there, the program is not installed. ${
          translated(install)
        }`,
      );
    }
    throw error;
  }
}
