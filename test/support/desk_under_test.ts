/** A rule desk over a config of its own. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ActionResult, TestEvent } from "../../src/control.ts";
import type { Saved } from "../../src/desk/overview.ts";
import type { LiveEvent } from "../../src/event.ts";
import { RuleDesk, type RuleDeskOptions } from "../../src/desk/rule_desk.ts";
import { silentLog } from "./silent_log.ts";
import { openSession, openTemporary } from "./temporary_store.ts";

const ruled = fileURLToPath(new URL("./services/ruled.ts", import.meta.url));

export interface DeskUnderTest {
  /** With its token. */
  url: string;
  configPath: string;
  sent: TestEvent[];
  config(): string;
  write(text: string): void;
  /** What the desk answers: its status, and its JSON or its sentence. */
  ask<Json = Saved>(path: string, body?: unknown): Promise<{ status: number; json: Json; text: string }>;
}

/** A config of one service, "greeter", with this text as its list of rules. */
export function greeterConfig(rules: string): string {
  return `{
  // Mine.
  "services": {
    "greeter": {
      "service_class": ${JSON.stringify(ruled)}, "isolation": "worker",
      "subscriptions": { "*": {} }, "options": { "rules": ${rules} } // its options
    }
  }
}
`;
}

/** Runs `use` with an open desk; `events` are in its database. */
export async function withDesk(
  { rules, events = [], options = {} }: {
    rules: string;
    events?: LiveEvent[];
    options?: Partial<RuleDeskOptions>;
  },
  use: (desk: DeskUnderTest) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-" });
  const [configPath, database] = [join(folder, "config.jsonc"), join(folder, "livecue.db")];
  Deno.writeTextFileSync(configPath, greeterConfig(rules));
  const { store } = openTemporary(database);
  store.writer.add(openSession(1));
  for (const event of events) store.writer.add({ kind: "insert_event", event });
  await store.writer.flush();
  await store.stop();
  const sent: TestEvent[] = [];
  const send = (event: TestEvent): Promise<ActionResult> => {
    sent.push(event);
    return Promise.resolve({ text: "Sent.", isError: false });
  };
  const desk = new RuleDesk({ configPath, database, port: 0, log: silentLog(), send, ...options });
  await desk.start();
  try {
    await use({
      url: desk.address,
      configPath,
      sent,
      config: () => Deno.readTextFileSync(configPath),
      write: (text) => Deno.writeTextFileSync(configPath, text),
      async ask(path, body) {
        const address = new URL(desk.address);
        address.pathname = path;
        const answer = await fetch(
          address,
          body === undefined ? {} : {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
          },
        );
        const text = await answer.text();
        return { status: answer.status, text: text.trim(), json: answer.ok ? JSON.parse(text) : null };
      },
    });
  } finally {
    await desk.stop();
    await Deno.remove(folder, { recursive: true });
  }
}
