import assert from "node:assert/strict";
import { Command } from "../../../services/gmod/command.ts";
import type { Game } from "../../../services/gmod/game.ts";
import { makeEvent, makeGift } from "../../support/events.ts";

const one = { count: 1 };

/** The command for a comment of this viewer's. */
function said(
  template: string,
  { comment = "", nickname = "Ana", game = "source" }: { comment?: string; nickname?: string; game?: Game } =
    {},
): string {
  const user = { id: "42", uniqueId: "ana", nickname, avatarUrl: "", roles: [] };
  const event = makeEvent({ user, data: { comment, language: "en", emotes: [] } });
  return Command.parse(template, game, undefined).fill(event, one);
}

function refuses(
  template: string,
  message: RegExp,
  { game = "source", allowed }: { game?: Game; allowed?: string[] } = {},
) {
  assert.throws(() => Command.parse(template, game, allowed), (error) => {
    assert(error instanceof RangeError);
    assert.match(error.message, message, template);
    return true;
  });
}

Deno.test("A gift's command says who sent what and how many", () => {
  const command = Command.parse("say {user} sent {gift} x{count}", "source", undefined);
  assert.equal(command.fill(makeGift({ count: 5 }), { count: 5 }), "say Ana sent Rose x5");
});

Deno.test("Braces around a doubled placeholder are text", () => {
  assert.equal(said("say {{user}} is {user}"), "say {user} is Ana");
});

Deno.test("In a Source game, a word with a placeholder is one argument, whatever the viewer's name", () => {
  const nickname = "Ana María (the 1st): it's me";
  assert.equal(said("ulx slap {user} 5", { nickname }), 'ulx slap "Ana María (the 1st): it’s me" 5');
  assert.equal(said('ulx slap "{user}" 5', { nickname }), 'ulx slap "Ana María (the 1st): it’s me" 5');
  assert.equal(said("ulx slap {user} 5", { nickname: '""' }), 'ulx slap "’’" 5');
  assert.equal(said("ulx tsay x{comment}y z", { comment: "" }), 'ulx tsay "xy" z');
});

Deno.test("In a Source game, a text to say keeps its blanks and no quotes", () => {
  assert.equal(said("say {user}: {comment}", { comment: "hi  there" }), "say Ana: hi there");
});

Deno.test("A name of which the game may see nothing gives way to the handle", () => {
  for (const nickname of ["^", "*", "@@@", "\u200b", "%%"]) {
    assert.equal(said("say {user} jumps", { nickname }), "say ana jumps", nickname);
  }
  assert.equal(said("tell {user} hi", { nickname: "\u674e\u5c0f\u9f99", game: "minecraft" }), "tell ana hi");
});

Deno.test("A viewer can neither end nor add a command in a Source game", () => {
  const attempts: [string, string][] = [
    ["x; quit", "x quit"],
    ['x" ; quit', "x’ quit"],
    ["x\nquit\r\nquit", "x quit quit"],
    ["x // rest", "x rest"],
    ["x\\; y", "x y"],
    ["x\u037e quit\uff1b quit \ufe54 quit", "x quit quit quit"],
    ["“x” \uff02; quit", "’x’ ’ quit"],
    ["x\u2028quit\u2029quit\u0085quit", "x quit quit quit"],
    ["x\0quit\u200bquit\u202equit", "x quitquitquit"],
    ["%s%n%x", "s n x"],
    ["!kick everyone", "kick everyone"],
    ["*", ""],
    ["a,*,@,#admins,^", "a,, ,admins,"],
    ["\ud800", "\ufffd"],
  ];
  for (const [comment, expected] of attempts) {
    assert.equal(said("say {comment}", { comment }), `say ${expected}`, JSON.stringify(comment));
    assert.equal(said("ulx tell {comment}", { comment }), `ulx tell "${expected}"`, JSON.stringify(comment));
  }
});

Deno.test("In Minecraft a value in quotes cannot end them, nor aim at players or color the chat", () => {
  const comment = `"},{"text":"x","clickEvent":{"action":"run_command"}} \\" @a @e[type=x] §4red`;
  assert.equal(
    said(`tellraw @a {"text":"{user}: {comment}"}`, { comment, game: "minecraft" }),
    `tellraw @a {"text":"Ana: ’},{’text’:’x’,’clickEvent’:{’action’:’run_command’}} ’ a e[type=x] 4red"}`,
  );
  assert.equal(said("say {comment}", { comment: "hi @a", game: "minecraft" }), "say hi a");
});

Deno.test("In Minecraft a bare placeholder is one plain word, and a message's text keeps its blanks", () => {
  const given = { nickname: "Ana María", comment: "Hi @a, 'you'", game: "minecraft" } as const;
  assert.equal(said("give {user} diamond 1", given), "give Ana_Mar_a diamond 1");
  assert.equal(said("give {comment} diamond", { ...given, comment: "🌹" }), "give _ diamond");
  assert.equal(said("give {comment} diamond", { ...given, comment: "" }), "give _ diamond");
  assert.equal(said("tell {user} hi {user}", given), "tell Ana_Mar_a hi Ana María");
  assert.equal(said("/minecraft:say {comment}", given), "/minecraft:say Hi a, ’you’");
  assert.equal(said("execute as @a run say {user}", given), "execute as @a run say Ana_Mar_a");
  assert.equal(
    said('title 🌹 {user} "🌹{comment}" {user}', given),
    'title 🌹 Ana_Mar_a "🌹Hi a, ’you’" Ana_Mar_a',
  );
});

Deno.test("Of a plain game's viewers, only letters, digits and harmless signs are sent", () => {
  const comment = `Hi, Ana! 100% <b>[x]</b> (y) {z} "q" a=b|c 🌹?`;
  assert.equal(said("chat {comment}", { comment, game: "plain" }), "chat Hi, Ana! 100 bx b y z ’q’ abc 🌹?");
});

Deno.test("A command stays as short as the game reads, at the cost of what viewers wrote", () => {
  const comment = "🌹".repeat(2000);
  for (const [game, bytes] of [["source", 510], ["minecraft", 1446], ["plain", 4086]] as const) {
    const command = said(`say {comment} {comment} {comment} the end`, { comment, game });
    const length = new TextEncoder().encode(command).length;
    assert(length <= bytes && length > 400, `${game}: ${length}`);
    assert.match(command, / the end$/);
  }
  refuses("say " + "x".repeat(600), /longer than the 510 bytes that the game reads/);
});

Deno.test("A template that is not one command is refused with what to do", () => {
  refuses("", /is empty/);
  refuses("say a; quit", /";" outside quotes.*write a list/);
  refuses("say a\nquit", /line break.*write a list/);
  refuses('say "a', /quotation mark .* without a closing one/);
  refuses("say see http://example.com", /"\/\/" outside quotes/);
  refuses("say a/{comment}/b", /"\/\/" outside quotes/);
  refuses('ulx slap x"{user}"', /put the whole word in quotes/);
  refuses("say {name}", /there is no placeholder \{name\}/);
  refuses("{comment}", /does not start with a command's name/);
  refuses("say{comment} x", /does not start with a command's name/);
  assert.equal(said('say "a; b // c"'), 'say "a; b // c"');
});

Deno.test("Commands that are not in the list are refused, also by several words", () => {
  refuses("kick {user}", /uses "kick", which is not in "commands_allowed"/, { allowed: ["say", "ulx slap"] });
  refuses("ulx ban x", /uses "ulx ban", which is not/, { allowed: ["say", "ulx slap"] });
  refuses("say x", /uses "say"/, { allowed: [] });
  refuses("execute at Ana run summon creeper", /uses "summon"/, {
    game: "minecraft",
    allowed: ["execute at"],
  });
  assert(Command.parse("ULX Slap {user}", "source", ["say", "ulx slap"]));
  assert(Command.parse("/say {user}", "minecraft", ["/say"]));
});

Deno.test("Commands that can harm the server have to be named in the list", () => {
  const harmful = [
    ...[
      "quit",
      "QUIT",
      '"quit"',
      "exit",
      "sv_cheats 1",
      "rcon_password x",
      "exec x",
      "lua_run x",
      "lua_run_cl x",
    ],
    ...["ulx rcon x", "ulx luarun x", "ulx adduser x", "ulx rcon(x"],
    ...["toggle sv_cheats", "incrementvar sv_cheats 0 1 1", "sm_cvar sv_cheats 1", "ent_create x"],
  ];
  for (const command of harmful) refuses(command, /can harm the server: add it to "commands_allowed"/);
  for (const command of ["op ana", "/op ana", "minecraft:op ana", "execute as @a run op ana", "stop"]) {
    refuses(command, /can harm the server/, { game: "minecraft" });
  }
  for (const command of ["/c game.print(1)", "ownerid 5", "global.ownerid 5", "Global.Quit"]) {
    refuses(command, /can harm the server/, { game: "plain" });
  }
  refuses("ulx rcon x", /uses "ulx rcon", which can harm/, { allowed: ["ulx"] });
  assert(Command.parse("ulx rcon x", "source", ["ulx rcon"]));
  assert(Command.parse("sv_cheats 1", "source", ["sv_cheats"]));
});

Deno.test("No placeholder may stand through which a viewer could choose the command, or write a program", () => {
  refuses("ulx {comment} x", /through which a viewer could choose the command/);
  refuses('ulx "{comment}" x', /through which a viewer could choose the command/);
  refuses("execute run {comment}", /does not start with a command's name/, { game: "minecraft" });
  for (const run of ["{comment}", "r{comment}", "{comment}un", "r{user}{comment}n"]) {
    refuses(`execute at Ana ${run} op Ana`, /uses "op"/, { game: "minecraft" });
    refuses(`execute at Ana ${run} summon creeper`, /uses "summon"/, {
      game: "minecraft",
      allowed: ["execute at"],
    });
  }
  assert(Command.parse("execute at {handle} run summon creeper", "minecraft", ["execute", "summon"]));
  refuses(`lua_run print("{user}")`, /would run what a viewer writes/, { allowed: ["lua_run"] });
  refuses(`alias x "say {user}"`, /would run what a viewer writes/, { allowed: ["alias"] });
});
