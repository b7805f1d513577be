import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { CommandEngine, commandOptions } from "../../../../services/tts/engines/command.ts";
import { sampleRate, type Sound, type SpeechRequest } from "../../../../services/tts/speech.ts";

const program = fileURLToPath(new URL("../../../support/speaking_program.ts", import.meta.url));
const names = ["amy", "fails", "hangs", "rubbish", "endless"];

function speak(
  text: string,
  { timeout_seconds = 60, ...request }: Partial<SpeechRequest> & { timeout_seconds?: number } = {},
): Promise<Sound> {
  const options = commandOptions.parse({
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-config", program, "{voice}", "{rate}"],
    voices: Object.fromEntries(names.map((name) => [name, "en-US"])),
    timeout_seconds,
  });
  const engine = new CommandEngine(options, Deno.cwd());
  const signal = new AbortController().signal;
  return engine.speak({ text, voice: "amy", rate: 1, pitch: 1, volume: 1, signal, ...request });
}

Deno.test("A program's WAV is converted to the service's rate, and each word has its share of the sound", async () => {
  const text = "Four words, and\nmore!";
  const { samples, words } = await speak(text);
  assert.equal(samples.length / sampleRate, 1.4);
  assert.deepEqual(words.map(({ from, to }) => text.slice(from, to)), ["Four", "words", "and", "more"]);
  assert.ok(Math.abs((words[0]?.startMs ?? 0) - 500) < 5 && Math.abs((words.at(-1)?.endMs ?? 0) - 900) < 5);
  assert.ok(
    words.every(({ startMs, endMs }, index) => endMs > startMs && startMs >= (words[index - 1]?.endMs ?? 0)),
  );
});

Deno.test("A program gets the rate as an argument, and Livecue applies the volume to its sound", async () => {
  const { samples } = await speak("one two", { rate: 2, volume: 0.5 });
  assert.equal(samples.length / sampleRate, 1.1);
  const loudest = Math.max(...samples);
  assert.ok(loudest > 0.2 && loudest < 0.3, `${loudest}`);
});

Deno.test("The error of a program that fails has the last line of its output", async () => {
  await assert.rejects(speak("hello", { voice: "fails" }), /exit code 3: no such model/);
});

Deno.test("Output of a program that is not WAV is refused", async () => {
  await assert.rejects(speak("hello there my friends", { voice: "rubbish" }), /not WAV/);
});

Deno.test("Livecue ends a program that writes without end", async () => {
  await assert.rejects(speak("hello", { voice: "endless" }), /more than 64 MB/);
});

Deno.test("Livecue ends a program that hangs, after its time limit or when nobody waits for it", async () => {
  await assert.rejects(speak("hello", { voice: "hangs", timeout_seconds: 0.2 }), /within 0.2 s/);
  const controller = new AbortController();
  const speaking = speak("hello", { voice: "hangs", signal: controller.signal });
  controller.abort(new Error("skipped"));
  await assert.rejects(speaking, /skipped/);
});

Deno.test("No program gets a voice that the options do not name", async () => {
  await assert.rejects(speak("hello", { voice: "../../etc/passwd" }), /has no voice/);
  assert.match(
    commandOptions.safeParse({ program: "x", voices: {} }).error?.message ?? "",
    /is empty: name a voice/,
  );
});
