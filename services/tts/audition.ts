/** A page that plays a sample of each voice, at the service's own port. It exists while the command runs. */
import { t } from "livecue/language";
import { type ServiceCommandContext, UserError } from "livecue/service";
import { makeClip } from "./clip.ts";
import type { Engines } from "./engine.ts";
import { Mp3Encoder } from "./mp3.ts";
import type { Options } from "./options.ts";
import { sampleText } from "./sample_text.ts";
import type { Voice } from "./speech.ts";

interface Stage {
  context: ServiceCommandContext<Options>;
  engines: Engines;
}

const headers = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'",
};

/** Serves the page until the user presses Ctrl-C. */
export async function audition(voices: readonly Voice[], { context, engines }: Stage): Promise<void> {
  const { options: { port }, print, signal } = context;
  const encoder = await Mp3Encoder.open();
  const soundOf = async (voice: Voice): Promise<Response> => {
    const text = sampleText(voice.language);
    const sound = await engines.speak(voice, { text, rate: 1, pitch: 1, volume: 1, signal });
    return new Response(makeClip(encoder, sound).file, { headers: { "content-type": "audio/mpeg" } });
  };
  const answer = ({ url }: Request): Response | Promise<Response> => {
    const { pathname, searchParams } = new URL(url);
    const voice = voices.find(({ name }) => name === searchParams.get("voice"));
    if (pathname === "/" && !searchParams.has("voice")) return new Response(pageOf(voices), { headers });
    return voice === undefined ? new Response(t`There is no such voice.`, { status: 404 }) : soundOf(voice);
  };
  const server = open(port, signal, answer);
  print(
    t`Open http://127.0.0.1:${server.addr.port} in a browser to hear ${
      countOf(voices)
    }. Press Ctrl-C to stop.`,
  );
  await server.finished;
}

function open(
  port: number,
  signal: AbortSignal,
  answer: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, signal, onListen() {} }, answer);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new UserError(t`Another program has the port ${port}: close it, or change "port" in the options.`);
  }
}

function countOf(voices: readonly Voice[]): string {
  return voices.length === 1 ? `the voice ${voices[0]?.name}` : `${voices.length} voices`;
}

function pageOf(voices: readonly Voice[]): string {
  const rows = voices.map(({ name, language }) =>
    `<p><audio controls preload="none" src="/?voice=${encodeURIComponent(name)}"></audio> ` +
    `<b>${escaped(name)}</b> <bdi>${escaped(sampleText(language))}</bdi></p>`
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Voices</title>` +
    `<style>body { font: 1rem system-ui; margin: 2rem } p { display: flex; gap: 1rem; align-items: center }</style>` +
    `<h1>Voices</h1>${rows.join("")}</html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
