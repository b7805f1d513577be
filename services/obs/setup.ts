/** The service's `setup`: adds to OBS what the rules name and OBS does not have. */
import { msg, t } from "livecue/language";
import { readSecret } from "livecue/secret";
import { type ServiceCommand, type ServiceCommandContext, UserError } from "livecue/service";
import { type Call, Connection } from "./connection.ts";
import type { Action, Options } from "./options.ts";
import { add, describe, nameOf, nextSteps } from "./additions.ts";
import { type Addition, type Contents, missingParts, type Page, type SceneList } from "./scene_list.ts";
import { browserKind, type Offer } from "./source_forms.ts";
import { takeSurvey } from "./survey.ts";
import { codeOf, Moved, Refusal } from "./trouble.ts";

type Context = ServiceCommandContext<Options>;

const overlaysUrl = "http://127.0.0.1:7420";

/** What the arguments ask for. */
interface Wish {
  isConfirmed: boolean;
  pages: Page[];
  /** A sentence for the streamer, if the pages are left out for a reason that the streamer may not know. */
  whyNoPages: string | null;
}

export const setup: ServiceCommand<Options> = {
  description: msg("adds the scenes, sources and filters to OBS that the rules name, and the overlays"),
  usage: `[--overlays ${overlaysUrl}|none] [--yes]`,
  async run(context, ...args) {
    const wish = readArguments(args, context.options);
    const { options: { host, port, rules }, configFolder, log, signal } = context;
    const actions = rules.flatMap((rule) => rule.do);
    let unfinished: string | null = null;
    const connection = new Connection({
      host,
      port,
      readPassword: () => readSecret("password", context.options, configFolder),
      log: { ...log, info: () => {} },
      signal,
      onOpened: async ({ call }) => {
        try {
          unfinished = await setUp(call, actions, wish, context);
        } catch (error) {
          if (!(error instanceof Moved)) throw error;
          throw new Refusal(t`OBS opened another scene collection meanwhile: run the command again.`);
        }
      },
    });
    await connection.tryOnce();
    if (unfinished !== null) throw new UserError(unfinished);
  },
};

function readArguments(args: readonly string[], { host }: Options): Wish {
  const rest = args.filter((arg) => arg !== "--yes");
  const isConfirmed = rest.length < args.length;
  const [name = "--overlays", address = defaultAddress(host), ...others] = rest;
  if (name !== "--overlays" || rest.length === 1 || others.length > 0) {
    throw new UserError(
      t`Write it as: setup --overlays ${overlaysUrl} --yes. You can leave out both arguments.`,
    );
  }
  if (address === "none") return { isConfirmed, pages: [], whyNoPages: null };
  if (address === null) {
    const whyNoPages =
      t`The overlays are not added, because OBS is on another computer. To add them, write the address that the overlays have there after --overlays.`;
    return { isConfirmed, pages: [], whyNoPages };
  }
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new UserError(
      t`--overlays is "${address}": write the address of the overlays, such as ${overlaysUrl}, or none.`,
    );
  }
  return { isConfirmed, pages: pagesAt(url), whyNoPages: null };
}

/** Null if OBS's computer has another address for this one, which Livecue does not know. */
function defaultAddress(host: string): string | null {
  return /^(?:127\.|localhost$|::1$)/.test(host) ? overlaysUrl : null;
}

/** Chat and leaderboard are hidden until the streamer wants them. */
function pagesAt(overlays: URL): Page[] {
  // Keeps the token that the address may have.
  const url = (page: string) => new URL(page + overlays.search, overlays).href;
  return [
    { source: "Chat", url: url("/chat"), isHidden: true },
    { source: "Leaderboard", url: url("/leaderboard"), isHidden: true },
    { source: "Alerts", url: url("/alerts"), isHidden: false },
  ];
}

/** Returns null if there is nothing left to add, else what to do about it. */
async function setUp(call: Call, actions: Action[], wish: Wish, context: Context): Promise<string | null> {
  const { print, log } = context;
  const { additions, notes, offer } = await look(call, actions, wish);
  for (const note of notes) print(note);
  if (additions.length === 0) {
    print(t`There is nothing to add.`);
    return null;
  }
  if (!wish.isConfirmed) {
    for (const addition of additions) print(t`It would add ${describe(addition, offer)}.`);
    return t`Nothing is changed yet. To add these, write the same command with --yes.`;
  }
  const texts = [...new Set(actions.flatMap((each) => each.action === "text" ? [each.source] : []))];
  const added: Addition[] = [];
  for (const addition of additions) {
    const row = addition.kind === "source" ? Math.max(0, texts.indexOf(addition.source)) : 0;
    try {
      await add(call, addition, { row, offer });
      added.push(addition);
      print(t`Added ${describe(addition, offer)}.`);
    } catch (error) {
      if (!(error instanceof Refusal) && codeOf(error) === undefined) throw error;
      const why = error instanceof Error ? error.message : String(error);
      log.warn(t`OBS refuses to add ${nameOf(addition)}: ${why}`);
    }
  }
  for (const step of nextSteps(added, offer)) print(step);
  return added.length === additions.length ? null : t`Not everything is added: add the rest in OBS by hand.`;
}

/** Reads what OBS has and changes nothing. */
async function look(
  call: Call,
  actions: Action[],
  wish: Wish,
): Promise<SceneList & { offer: Offer }> {
  const { platform } = await call("GetVersion");
  const { baseWidth: width, baseHeight: height } = await call("GetVideoSettings");
  const { inputKinds } = await call("GetInputKindList");
  const survey = await takeSurvey(call, actions);
  const shownPages = new Map<string, string>();
  for (const [inputName, kind] of survey.inputs) {
    if (kind !== browserKind) continue;
    const { inputSettings: { url } } = await call("GetInputSettings", { inputName });
    shownPages.set(URL.parse(String(url))?.pathname ?? "", inputName);
  }
  const contents: Contents = {
    ...survey,
    sceneOnAir: (await call("GetSceneList")).currentProgramSceneName,
    shownPages,
  };
  const hasBrowser = inputKinds.includes(browserKind);
  const list = missingParts(actions, hasBrowser ? wish.pages : [], contents);
  if (wish.whyNoPages !== null) list.notes.push(wish.whyNoPages);
  if (wish.pages.length > 0 && !hasBrowser) {
    list.notes.push(t`The overlays are not added, because this OBS has no browser source.`);
  }
  return { ...list, offer: { inputKinds, platform, width, height } };
}
