/** The place to which posts go, as the options say, with its secrets. */
import { readSecret } from "livecue/secret";
import { UserError } from "livecue/service";
import type { PeebotOptions } from "../options.ts";
import { Bluesky } from "./bluesky.ts";
import { Mastodon } from "./mastodon.ts";
import type { Network } from "./network.ts";
import { WebhookNetwork } from "./webhook.ts";

/** Null for a dry run. Throws a `UserError` if a secret or a permission is missing. */
export async function openNetwork(options: PeebotOptions, configFolder: string): Promise<Network | null> {
  const { bluesky, mastodon, webhook } = options;
  switch (options.post) {
    case "dry_run":
      return null;
    case "bluesky": {
      await checkNet(new URL(bluesky.service));
      const password = await readSecret("password", bluesky, configFolder) ?? "";
      return new Bluesky({ ...bluesky, password });
    }
    case "mastodon": {
      const { instance = "", visibility, language } = mastodon;
      await checkNet(new URL(instance));
      const token = await readSecret("token", mastodon, configFolder) ?? "";
      return new Mastodon({ instance, token, visibility, language });
    }
    case "webhook": {
      const url = await readSecret("url", webhook, configFolder) ?? "";
      if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
        throw new UserError("the webhook's url is not an address that starts with http:// or https://");
      }
      await checkNet(new URL(url));
      return new WebhookNetwork({ url, secret: await readSecret("secret", webhook, configFolder) });
    }
  }
}

async function checkNet({ protocol, hostname, port, host }: URL): Promise<void> {
  const { state } = await Deno.permissions.query({
    name: "net",
    host: `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`,
  });
  if (state === "granted") return;
  throw new UserError(
    `the service is not allowed to connect to ${host}: add "${host}" to "net" in its "permissions"`,
  );
}
