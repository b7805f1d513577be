/** eSpeak NG, compiled to JavaScript: loaded once a worker, with its data, which takes no permission. */

/**
 * What happens in the sound; `audio_position` is in milliseconds, `text_position` in letters. Of a pause the
 * phoneme's id is "".
 */
export interface EspeakEvent {
  type: string;
  audio_position: number;
  text_position: number;
  id: string | number | undefined;
}

/** As much of the library as is used. A call is made in one go, and what is set stays for the next one. */
export interface EspeakLibrary {
  /** `name` as `EspeakVoice.path`, with a variant as "+f3". */
  set_voice(name: string): number;
  /** In words a minute. */
  set_rate(rate: number): void;
  /** 0 to 99, 50 as it is. */
  set_pitch(pitch: number): void;
  /** The text is SSML. The samples are of 22,050 Hz. */
  synthesize(text: string, onSound: (samples: Int16Array, events: EspeakEvent[]) => boolean): void;
}

/** A language that the library speaks. */
export interface EspeakVoice {
  /** Below the folder of languages, as "gmw/en-US". */
  path: string;
  /** In lower case, as "en-us"; the first one is the voice's own. */
  languages: string[];
}

export interface LoadedEspeak {
  library: EspeakLibrary;
  voices: EspeakVoice[];
  /** What a voice may be changed by, as "f3". */
  variants: string[];
}

/** What the library calls a module: of its files, as much as is used. */
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
