/** Draws a sound: how loud it is from its beginning to its end. */
import { type Color, pngOf } from "./png.ts";
import { readWav, secondsOfWav } from "./wav_reader.ts";

const width = 1800;
const height = 280;
/** The loudest peak fills this part of the height. */
const filled = 0.94;
/** A quieter sound is not enlarged to the whole height. */
const leastPeak = 0.03;
const middle = height / 2;

const colors: readonly Color[] = [[0, 0, 0, 0], [139, 147, 255, 150], [99, 91, 255, 255]];
const peakColor = 1;
const meanColor = 2;

interface Columns {
  peaks: Float32Array;
  squares: Float64Array;
  counts: Uint32Array;
}

/**
 * Writes a PNG of 1800×280 with a transparent ground: the peaks, and darker the root mean square. Silence is a line.
 * The same sound gives the same bytes. Rejects with the signal's reason soon after it aborts.
 */
export async function drawWaveform(wav: string, png: string, signal: AbortSignal): Promise<void> {
  const { peaks, squares, counts } = await columnsOf(wav, signal);
  const scale = filled * middle / Math.max(leastPeak, peaks.reduce((most, peak) => Math.max(most, peak), 0));
  const dots = new Uint8Array(width * height);
  for (let column = 0; column < width; column++) {
    const mean = Math.sqrt((squares[column] as number) / Math.max(1, counts[column] as number));
    drawColumn(dots, column, (peaks[column] as number) * scale, peakColor);
    drawColumn(dots, column, mean * scale, meanColor);
  }
  const part = `${png}.part`;
  await Deno.writeFile(part, pngOf({ width, height, colors, dots }));
  await Deno.rename(part, png);
}

async function columnsOf(wav: string, signal: AbortSignal): Promise<Columns> {
  const seconds = await secondsOfWav(wav);
  const columns = {
    peaks: new Float32Array(width),
    squares: new Float64Array(width),
    counts: new Uint32Array(width),
  };
  let frame = 0;
  for await (const { channels, rate } of readWav(wav)) {
    signal.throwIfAborted();
    const columnsPerFrame = width / (seconds * rate);
    for (const samples of channels) addTo(columns, samples, frame, columnsPerFrame);
    frame += channels[0]?.length ?? 0;
  }
  return spread(columns);
}

function addTo({ peaks, squares, counts }: Columns, samples: Float32Array, from: number, step: number): void {
  for (let index = 0; index < samples.length; index++) {
    const sample = samples[index] as number;
    const column = Math.min(width - 1, Math.floor((from + index) * step));
    peaks[column] = Math.max(peaks[column] as number, Math.abs(sample));
    squares[column] = (squares[column] as number) + sample * sample;
    counts[column] = (counts[column] as number) + 1;
  }
}

/** A very short sound has fewer samples than the picture has columns: each sample fills several. */
function spread(columns: Columns): Columns {
  const { peaks, squares, counts } = columns;
  for (let column = 1; column < width; column++) {
    if (counts[column] !== 0) continue;
    peaks[column] = peaks[column - 1] as number;
    squares[column] = squares[column - 1] as number;
    counts[column] = counts[column - 1] as number;
  }
  return columns;
}

/** At least a dot above the middle and one below. */
function drawColumn(dots: Uint8Array, column: number, reach: number, color: number): void {
  const half = Math.max(1, Math.min(middle, Math.round(reach)));
  for (let row = middle - half; row < middle + half; row++) dots[row * width + column] = color;
}
