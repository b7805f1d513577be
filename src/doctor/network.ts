/** Checks what a live needs from the network: TikTok, the sign server, a correct clock, TikFinity, ports for payments. */
import { shownAddress } from "../address.ts";
import type { Clock } from "../clock.ts";
import type { Config, SourceConfig } from "../config/config.ts";
import { t } from "../language.ts";
import { type Examination, type Finding, odd, well, wrong } from "./finding.ts";

const publicWeb = "https://www.tiktok.com";
const publicSign = "https://api.eulerstream.com";
/** Tolerance for the delay of the answer and its resolution of one second. */
const clockToleranceMs = 60_000;

/** Checks the servers that the config's sources need, each server once. */
export function networkOf({ sources }: Pick<Config, "sources">, clock: Clock): Examination[] {
  const tiktok = sources.filter((source) => source.type === "tiktok");
  const webs = new Set(tiktok.map(({ endpoints }) => endpoints.web ?? publicWeb));
  const signs = new Map(
    tiktok.map(({ endpoints, signApiKey }) => [endpoints.sign ?? publicSign, signApiKey]),
  );
  return [
    ...[...webs].map((web) => tiktokAt(web, clock)),
    ...[...signs].map(([address, key]) => signServerAt(address, key)),
    ...sources.flatMap(otherServers),
  ];
}

/** The answer also contains the time. */
function tiktokAt(address: string, clock: Clock): Examination {
  return {
    name: "TikTok",
    async look(signal) {
      const answer = await ask(address, signal);
      if ("problem" in answer) {
        return [wrong(t`${address} cannot be reached (${answer.problem}): check the internet connection.`)];
      }
      return [well(t`${address} answers.`), ...judgeClock(answer.date, clock)];
    },
  };
}

function judgeClock(date: string | null, clock: Clock): Finding[] {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) return [odd(t`TikTok's answer contains no time, so the clock was not checked.`)];
  const leadMs = clock.now() - theirs;
  if (Math.abs(leadMs) <= clockToleranceMs) return [well(t`This computer's clock is correct.`)];
  const minutes = Math.round(Math.abs(leadMs) / 60_000);
  const gap = leadMs > 0
    ? t`This computer's clock is ${minutes} min ahead of TikTok's: let the system set it.`
    : t`This computer's clock is ${minutes} min behind TikTok's: let the system set it.`;
  return [odd(`${gap} ${t`Until then, the times in the log and the database are wrong.`}`)];
}

/** Requests the server's home page, which does not use up an allowed connection. */
function signServerAt(address: string, key: string | null): Examination {
  return {
    name: t`Sign server`,
    async look(signal) {
      const answer = await ask(address, signal);
      if ("problem" in answer) {
        return [
          wrong(
            t`${address} cannot be reached (${answer.problem}): check the internet connection. If others can reach it, a firewall or a proxy may block it.`,
          ),
        ];
      }
      const keyed = key === null
        ? t`There is no key, so it allows only a few connections per day. Set a key as tiktok.sign_api_key in the config.`
        : t`Your key will be sent with each connection.`;
      return [well(`${t`${address} answers.`} ${keyed}`)];
    },
  };
}

function otherServers(source: SourceConfig): Examination[] {
  switch (source.type) {
    case "tiktok":
      return [];
    case "tikfinity":
      return [tikfinityAt(source.name, source.settings.url)];
    case "webhook":
      return [paymentsAt(source.name, source.settings)];
    case "lightstreamer":
    case "mqtt":
      return [serverAt(source.name, source.settings.url)];
    case "http_poll":
      return [pageAt(source.name, source.settings.url)];
  }
}

function tikfinityAt(name: string, url: string): Examination {
  return {
    name: t`Source ${name}`,
    async look(signal) {
      const { hostname, port } = new URL(url);
      try {
        (await Deno.connect({ hostname, port: Number(port || 80), signal })).close();
        return [well(t`TikFinity answers at ${url}.`)];
      } catch (error) {
        return [wrong(t`TikFinity does not answer at ${url} (${reasonOf(error)}): start it.`)];
      }
    },
  };
}

const defaultPorts: Readonly<Record<string, number>> = {
  "ws:": 80,
  "wss:": 443,
  "mqtt:": 1883,
  "mqtts:": 8883,
};

function serverAt(name: string, url: string): Examination {
  return {
    name: t`Source ${name}`,
    async look(signal) {
      const { hostname, port, protocol } = new URL(url);
      const address = shownAddress(url);
      try {
        (await Deno.connect({ hostname, port: Number(port || defaultPorts[protocol]), signal })).close();
        return [well(t`A server answers at ${address}.`)];
      } catch (error) {
        return [wrong(t`No server answers at ${address} (${reasonOf(error)}): check "url".`)];
      }
    },
  };
}

function pageAt(name: string, url: string): Examination {
  return {
    name: t`Source ${name}`,
    async look(signal) {
      const address = shownAddress(url);
      const answer = await ask(url, signal);
      if ("problem" in answer) {
        return [wrong(t`${address} cannot be reached (${answer.problem}): check "url".`)];
      }
      return [well(t`${address} answers.`)];
    },
  };
}

function paymentsAt(name: string, { host, port }: { host: string; port: number }): Examination {
  return {
    name: t`Source ${name}`,
    look() {
      try {
        Deno.listen({ hostname: host, port }).close();
        return [well(t`Payments can be received at ${host}:${port}.`)];
      } catch (error) {
        if (!(error instanceof Deno.errors.AddrInUse)) {
          return [
            wrong(
              t`Livecue cannot listen at ${host}:${port} (${reasonOf(error)}): correct "host" and "port".`,
            ),
          ];
        }
        return [
          odd(
            t`Port ${port} is in use. If Livecue is not running, close the program that uses the port.`,
          ),
        ];
      }
    },
  };
}

/** Resolves with any answer, even an error status. */
async function ask(
  address: string,
  signal: AbortSignal,
): Promise<{ date: string | null } | { problem: string }> {
  try {
    const response = await fetch(address, { method: "HEAD", redirect: "manual", signal });
    await response.body?.cancel();
    return { date: response.headers.get("date") };
  } catch (error) {
    signal.throwIfAborted();
    return { problem: reasonOf(error) };
  }
}

/** The innermost reason, because the outer ones repeat the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  return error.message.replace(/^error sending request for .*: /, "");
}
