/**
 * Stands in for a user's program that speaks: VOICE RATE. It writes a tone of 100 ms for each word, at 16,000 Hz,
 * between two silences of half a second; or does what its voice is called.
 */
const [voice, rate = "1"] = Deno.args;
const hertz = 16_000;

if (voice === "fails") {
  console.error("loading\nno such model");
  Deno.exit(3);
}
if (voice === "hangs") await new Promise(() => setInterval(() => {}, 1000));
const text = await new Response(Deno.stdin.readable).text();
if (voice === "rubbish") write(new TextEncoder().encode(text));
else if (voice === "endless") { while (true) write(new Uint8Array(2 ** 20)); }
else write(wavOf(text.trim().split(/\s+/).length));

function wavOf(wordCount: number): Uint8Array {
  const silence = hertz / 2;
  const tone = Math.round(wordCount * hertz / 10 / Number(rate));
  const samples = Int16Array.from({ length: 2 * silence + tone }, (_, index) => {
    const isTone = index >= silence && index < silence + tone;
    return isTone ? Math.round(Math.cos(2 * Math.PI * 440 * index / hertz) * 16_000) : 0;
  });
  const head = new DataView(new ArrayBuffer(44));
  const put = (place: number, name: string) =>
    [...name].forEach((letter, index) => head.setUint8(place + index, letter.charCodeAt(0)));
  put(0, "RIFF");
  head.setUint32(4, 0xffffffff, true);
  put(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, hertz, true);
  head.setUint32(28, 2 * hertz, true);
  head.setUint16(32, 2, true);
  head.setUint16(34, 16, true);
  put(36, "data");
  head.setUint32(40, 0xffffffff, true);
  const wav = new Uint8Array(44 + samples.byteLength);
  wav.set(new Uint8Array(head.buffer));
  wav.set(new Uint8Array(samples.buffer), 44);
  return wav;
}

function write(bytes: Uint8Array): void {
  for (let place = 0; place < bytes.length;) place += Deno.stdout.writeSync(bytes.subarray(place));
}
