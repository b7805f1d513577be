/** eSpeak NG, compiled to JavaScript. Each worker loads it and its data once, without a permission. */

/**
 * An event in the sound. `audio_position` is in milliseconds, `text_position` in characters. A pause is a phoneme
 * with the id "".
 */
export interface EspeakEvent {
  type: string;
  audio_position: number;
  text_position: number;
  id: string | number | undefined;
}

/** The part of the library that Livecue uses. Calls are synchronous, and settings stay for the next call. */
export interface EspeakLibrary {
  /** `name` is `EspeakVoice.path`, with or without a variant such as "+f3". */
  set_voice(name: string): number;
  /** In words per minute. */
  set_rate(rate: number): void;
  /** 0 to 99; 50 is the voice's own pitch. */
  set_pitch(pitch: number): void;
  /** The text is SSML. The sound has 22,050 samples per second. */
  synthesize(text: string, onSound: (samples: Int16Array, events: EspeakEvent[]) => boolean): void;
}

/** A voice of the library. */
export interface EspeakVoice {
  /** Relative to the folder of languages, such as "gmw/en-US". */
  path: string;
  /** In lower case, such as "en-us". The first is the voice's main language. */
  languages: string[];
}

export interface LoadedEspeak {
  library: EspeakLibrary;
  voices: EspeakVoice[];
  /** The variants that each voice has, such as "f3". */
  variants: string[];
}

/** The part of the library's Emscripten module that Livecue uses. */
interface EspeakModule {
  eSpeakNGWorker: new () => EspeakLibrary;
  FS: {
    readdir(path: string): string[];
    readFile(path: string, options: { encoding: "utf8" }): string;
    stat(path: string): { mode: number };
    isDir(mode: number): boolean;
  };
}

type MakeModule = (options: object) => Promise<EspeakModule>;

const dataFolder = "/usr/share/espeak-ng-data";
let loading: Promise<LoadedEspeak> | null = null;

/** Takes about 0.3 s the first time. */
export function loadEspeak(): Promise<LoadedEspeak> {
  return loading ??= load();
}

async function load(): Promise<LoadedEspeak> {
  const { default: makeModule } = await import("@echogarden/espeak-ng-emscripten");
  const { default: data } = await import("@echogarden/espeak-ng-emscripten/espeak-ng.data", {
    with: { type: "bytes" },
  });
  const ignore = () => {};
  const module = await (makeModule as unknown as MakeModule)({
    getPreloadedPackage: () => data.buffer,
    print: ignore,
    printErr: ignore,
  });
  return {
    library: new module.eSpeakNGWorker(),
    voices: filesBelow(module, `${dataFolder}/lang`).map((path) => readVoice(module, path)),
    variants: module.FS.readdir(`${dataFolder}/voices/!v`).filter((name) => !name.startsWith(".")).sort(),
  };
}

function filesBelow(module: EspeakModule, folder: string): string[] {
  const { FS } = module;
  return FS.readdir(folder).filter((name) => !name.startsWith(".")).flatMap((name) => {
    const path = `${folder}/${name}`;
    return FS.isDir(FS.stat(path).mode) ? filesBelow(module, path) : [path];
  });
}

function readVoice(module: EspeakModule, file: string): EspeakVoice {
  const text = module.FS.readFile(file, { encoding: "utf8" });
  const path = file.slice(`${dataFolder}/lang/`.length);
  return {
    path,
    languages: [...text.matchAll(/^language\s+(\S+)/gm)].map((match) => (match[1] as string).toLowerCase()),
  };
}
