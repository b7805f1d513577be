/** Which Livecue this is, and what it runs on. */
import project from "../../deno.json" with { type: "json" };

/** As "0.1.0". */
export const livecueVersion: string = project.version;

/** As "livecue 0.1.0 (Deno 2.9.6, linux x86_64)". */
export function versionLine(): string {
  const { os, arch } = Deno.build;
  return `livecue ${livecueVersion} (Deno ${Deno.version.deno}, ${os} ${arch})`;
}
