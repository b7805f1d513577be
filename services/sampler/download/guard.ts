/** Decides where the sampler may connect to, so that no link and no redirect leads it into a private network. */
import { lookup } from "node:dns/promises";
import { FinalError, UserError } from "livecue/service";
import { isPublicAddress } from "livecue/public_address";
import { hostAndPort, hostOf, isListed } from "./hosts.ts";

export interface GuardSettings {
  hosts: readonly string[];
  media_hosts: readonly string[];
  allow_private: readonly string[];
}

/** How hosts are reached. Tests have a network of their own. */
export interface Network {
  /** All addresses of a host. Rejects if there are none. */
  resolve(host: string): Promise<string[]>;
  /** A certificate that is trusted in place of the usual ones. */
  ca?: string | undefined;
  /** The port of all connections, whatever the URL says. */
  port?: number | undefined;
}

export const internet: Network = {
  async resolve(host) {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  },
};

/** "links" are those that somebody gave, "media" the addresses to which these lead. */
export type Hop = "links" | "media";

export class Guard {
  readonly #settings: GuardSettings;
  readonly #network: Network;

  constructor(settings: GuardSettings, network: Network = internet) {
    this.#settings = settings;
    this.#network = network;
  }

  /** What `https.request` needs to know about the network. */
  get connection(): { ca?: string; port?: number } {
    const { ca, port } = this.#network;
    return { ...(ca === undefined ? {} : { ca }), ...(port === undefined ? {} : { port }) };
  }

  /** Throws a `FinalError` unless the URL is one of http or https on a listed host. */
  checkHost(url: URL, hop: Hop): void {
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new FinalError(`${nameOf(hop)} leads to "${url.protocol}", which is not a web address.`);
    }
    if (url.username !== "" || url.password !== "") {
      throw new FinalError(`${nameOf(hop)} contains a user name. Only links without one are followed.`);
    }
    const { hosts, media_hosts, allow_private } = this.#settings;
    const rules = hop === "links" ? hosts : [...hosts, ...media_hosts, ...allow_private];
    if (isListed(url, rules)) return;
    const list = hop === "links" ? "hosts" : "media_hosts";
    throw new FinalError(
      `${nameOf(hop)} leads to ${
        hostAndPort(url)
      }, which is not in the list "${list}". Add it there if you trust it.`,
    );
  }

  /**
   * The addresses of the URL's host, all of them checked: a connection must use these, and not resolve the name again.
   * Throws a `FinalError` if one of them is not public, unless `allow_private` has the host and its port.
   */
  async addressesOf(url: URL): Promise<string[]> {
    const host = hostOf(url).replace(/^\[|\]$/g, "");
    const addresses = await this.#resolve(host);
    if (isListed(url, this.#settings.allow_private)) return addresses;
    const refused = addresses.find((address) => !isPublicAddress(address));
    if (refused === undefined) return addresses;
    throw new FinalError(
      `The host ${hostAndPort(url)} has the address ${refused}, which is not on the public internet. ` +
        `If you trust this host, add "${hostAndPort(url)}" to "allow_private".`,
    );
  }

  async #resolve(host: string): Promise<string[]> {
    if (/^[\d.]+$|:/.test(host)) return [host];
    try {
      const addresses = await this.#network.resolve(host);
      if (addresses.length > 0) return addresses;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) {
        throw new FinalError(
          `The sampler may not connect to ${host}: set "net" to true in its "permissions".`,
        );
      }
    }
    throw new UserError(`The host ${host} was not found. Check the internet connection.`);
  }
}

function nameOf(hop: Hop): string {
  return hop === "links" ? "The link" : "The video's address";
}
