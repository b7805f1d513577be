/** The version of Livecue, Deno and the system. */
import project from "../../deno.json" with { type: "json" };

/** For example "0.1.0". */
export const livecueVersion: string = project.version;

/** For example "livecue 0.1.0 (Deno 2.9.6, linux x86_64)". */
export function versionLine(): string {
  const { os, arch } = Deno.build;
  return `livecue ${livecueVersion} (Deno ${Deno.version.deno}, ${os} ${arch})`;
}
