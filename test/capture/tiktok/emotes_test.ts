/** Where the emotes of a comment stand once its text is cleaned. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { EmoteModel, ImageModel } from "tiktok-live-connector";
import { decodeEvent } from "../../../src/capture/tiktok/decode.ts";
import { encodeMessage, fill, fillMessage } from "../../../src/capture/tiktok/schema.ts";
import type { EventDataByType } from "../../../src/event.ts";

const image = fill(ImageModel, { urlList: ["https://example.invalid/e.webp"] });

function chat(content: string, indexes: number[]): EventDataByType["CommentEvent"] {
  const emotes = indexes.map((index, number) => ({
    index,
    emote: fill(EmoteModel, { emoteId: `e${number}`, image }),
  }));
  const payload = encodeMessage(fillMessage("WebcastChatMessage", { content, emotes }));
  const event = decodeEvent({ method: "WebcastChatMessage", createTime: null, streamer: "", payload }, "1");
  if (event === "corrupt" || event.type !== "CommentEvent") throw new Error("It is no comment.");
  return event.data;
}

/** The text with a "#" for each emote. */
function shown(content: string, indexes: number[]): string {
  const { comment, emotes } = chat(content, indexes);
  const places = [0, ...emotes.map(({ at }) => at), comment.length];
  return places.slice(1).map((at, index) => comment.slice(places[index], at)).join("#");
}

Deno.test("Emotes keep their pictures and stand in their order", () => {
  assert.deepEqual(chat("wow", [3, 0]).emotes, [
    { id: "e1", imageUrl: "https://example.invalid/e.webp", at: 0 },
    { id: "e0", imageUrl: "https://example.invalid/e.webp", at: 3 },
  ]);
  assert.equal(shown(" wow ", [0, 4]), "# wow# ");
});

Deno.test("A comment of emotes alone has them, and no text", () => {
  assert.deepEqual(chat("", [0, 0]), {
    comment: "",
    language: "",
    emotes: [0, 1].map((id) => ({ id: `e${id}`, imageUrl: "https://example.invalid/e.webp", at: 0 })),
  });
});

Deno.test("An emote stays beside the same letters where cleaning takes some away before it", () => {
  assert.equal(shown("\x1b[31mred\u202E!", [8, 9]), "red##!");
  assert.equal(shown("a\u200Bb", [0, 2]), "#a#b");
});

Deno.test("An emote stands in no letter's midst, and behind the text where its place is past the end", () => {
  assert.equal(shown("👨‍👩‍👧‍👦!", [3, 11]), "#👨‍👩‍👧‍👦#!");
  assert.equal(shown("e\u0301!", [1]), "#e\u0301!");
  assert.equal(shown("hi", [2_147_483_647, -5]), "#hi#");
  assert.equal(shown("x".repeat(600), [550]), `${"x".repeat(500)}#`);
});

Deno.test("Of very many emotes the first fifty are kept", () => {
  assert.equal(chat("hi", Array(5_000).fill(1)).emotes.length, 50);
});

Deno.test("Whatever text and places come, each emote stands at a place of the text, in order", () => {
  const content = fc.string({ unit: "binary", maxLength: 40 });
  const indexes = fc.array(fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }), { maxLength: 5 });
  fc.assert(fc.property(content, fc.oneof(indexes, fc.array(fc.nat(40))), (content, indexes) => {
    const { comment, emotes } = chat(content, indexes);
    assert.equal(emotes.length, indexes.length);
    let last = 0;
    for (const { at } of emotes) {
      assert.ok(Number.isInteger(at) && at >= last && at <= comment.length);
      last = at;
    }
  }));
});
