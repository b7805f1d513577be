/** `work --name`: runs services for a Livecue on another machine, until a signal. */
import { every, systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { describeOptionMistakes, placeOfOption } from "../config/option_mistakes.ts";
import type { HostBook, HostEntry } from "../host_book.ts";
import { Host } from "../hosts/host.ts";
import { localWorkers } from "../hosts/local_workers.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import { UserError } from "../user_error.ts";
import { checkServices } from "./chosen_services.ts";
import { openLog } from "./command_log.ts";
import type { CommandContext } from "./context.ts";
import type { ListenPlace } from "./options.ts";
import { exitCodeOf, onStopSignals } from "./signals.ts";

export interface HostRunOptions {
  config: Config;
  isVerbose: boolean;
  name: string;
  listen: ListenPlace;
  /** The environment variable that contains the token; null: a token that only the book has. */
  tokenEnv: string | null;
  maxWorkers: number;
  /** Slugs; null: all active services that the config does not give to another host. */
  services: readonly string[] | null;
  /** Where the host announces itself, if its owners do not find it in their config. */
  book?: HostBook | undefined;
}

const leastTokenLength = 16;
const announceEveryMs = 10_000;

export async function runHost(options: HostRunOptions, context: CommandContext): Promise<void> {
  const { config, name, listen, isVerbose } = options;
  const services = servicesOf(options);
  const token = options.tokenEnv === null ? newToken() : readToken(options.tokenEnv);
  const { log, stop } = openLog({ isVerbose });
  const stopping = Promise.withResolvers<Deno.Signal>();
  let signal: Deno.Signal = "SIGINT";
  const host = new Host({
    ...listen,
    token,
    services,
    maxWorkers: options.maxWorkers,
    clock: systemClock,
    log,
    openTransport: localWorkers({ clock: systemClock }),
    placesOf: (slug) => ({
      describeOptionMistakes: (mistakes) => describeOptionMistakes(config, slug, mistakes),
      placeOfOption: (path) => placeOfOption(config, slug, path),
    }),
    onLeaving: (owners) => logStop(log, signal, owners),
  });
  const removeSignals = onStopSignals({
    first: stopping.resolve,
    second: (second) => context.exitNow(exitCodeOf(second)),
    isTerminalLent: () => false,
    clock: systemClock,
  });
  try {
    host.start();
    const slugs = services.map(({ slug }) => slug);
    log.info(t`${name} serves ${slugs.join(", ")} at ${host.address}. Ctrl-C stops it.`);
    if (isLoopback(listen.hostname)) {
      log.info(t`Only programs of this machine can connect. For other machines: --listen 0.0.0.0:7350`);
    }
    await using _announced = announce(options.book, () => ({
      name,
      address: reachable(host.address),
      token,
      services: slugs,
      seenAt: systemClock.now(),
    }));
    signal = await stopping.promise;
    await host.stop();
  } finally {
    removeSignals();
    await stop();
  }
}

/** Those that this machine runs, whatever else its config says. */
function servicesOf({ config, name, services: chosen }: HostRunOptions): ServiceConfig[] {
  checkServices(chosen ?? "all", config);
  const services = config.services.filter(({ slug, isActive, replicas }) =>
    chosen === null
      ? isActive && replicas.some((host) => host === null || host === name)
      : chosen.includes(slug)
  );
  if (services.length === 0) {
    throw new UserError(t`There is no active service in ${config.path} that ${name} could run: add one.`);
  }
  return services.map((service) => ({ ...service, replicas: [null], runsOn: null }));
}

function newToken(): string {
  return crypto.randomUUID() + crypto.randomUUID();
}

/** The address for other machines: one that means "all networks" leads nowhere there. */
function reachable(address: string): string {
  return address.replace(/\/\/(0\.0\.0\.0|\[::\])(?=:)/, `//${Deno.hostname()}`);
}

/** Throws a `UserError` with a good token, if there is none. */
function readToken(variable: string): string {
  const token = Deno.env.get(variable)?.trim() ?? "";
  const example = crypto.randomUUID().replaceAll("-", "");
  if (token === "") {
    throw new UserError(
      t`The environment variable ${variable} is not set. Set it on both machines to the same secret of at least ${leastTokenLength} characters, as ${example}.`,
    );
  }
  if (token.length < leastTokenLength) {
    throw new UserError(
      t`The token in ${variable} has ${token.length} characters: use at least ${leastTokenLength}, as ${example}.`,
    );
  }
  return token;
}

function logStop(log: Log, signal: Deno.Signal, owners: readonly string[]): void {
  log.info(
    owners.length === 0
      ? t`Stopping (${signal}).`
      : t`Stopping (${signal}): ${
        owners.join(", ")
      } may finish running items. A second signal stops at once.`,
  );
}

/** Announces the host now and from time to time, until it is disposed. */
function announce(book: HostBook | undefined, entry: () => HostEntry): AsyncDisposable {
  if (book === undefined) return { [Symbol.asyncDispose]: () => Promise.resolve() };
  // The book reports its own failures, and the next announcement may succeed.
  const say = () => void book.announce(entry()).catch(() => {});
  say();
  const cancel = every(systemClock, announceEveryMs, say);
  return {
    async [Symbol.asyncDispose]() {
      cancel();
      await book.withdraw(entry().name).catch(() => {});
    },
  };
}

function isLoopback(hostname: string): boolean {
  return /^(127\.|::1$|localhost$)/.test(hostname);
}
