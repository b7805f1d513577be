/** What a test wants of an OBS, whether it is the stand-in or the real one. */

/** Whether each source is visible; a list for one that is there several times. */
export type ItemsOfScene = Record<string, boolean | boolean[]>;

/** Sources that are no inputs, scenes or groups are pictures. Inputs that are in no scene are visible in the first. */
export interface Collection {
  scenes?: Record<string, ItemsOfScene>;
  groups?: Record<string, ItemsOfScene>;
  /** Kind by name, or kind and settings. */
  inputs?: Record<string, string | [kind: string, settings: Record<string, unknown>]>;
  filters?: Record<string, Record<string, boolean>>;
}

/** A test's description of an OBS, which has the scene collection "Show" open. */
export interface Setup extends Collection {
  /** Further scene collections. */
  collections?: Record<string, Collection>;
  /** The test restarts OBS, whose new process then serves the tests that follow. */
  restarts?: boolean;
}

type Maybe<Value> = Value | Promise<Value>;

/** An OBS in a test. Changes are "show Main/Rose", "hide …", "scene …", "text … = …", "filter … on", "play …". */
export interface ObsInTest extends AsyncDisposable {
  readonly port: number;
  readonly password: string | undefined;
  /** Resolves when this was changed so often. */
  changed(change: string, times?: number): Promise<void>;
  /** All changes so far; of the real one, without texts. */
  readonly changes: readonly string[];
  sceneOnAir(): Maybe<string>;
  /** As a person with the mouse, as are all that set. */
  putOnAir(scene: string): Maybe<void>;
  /** `nth`: of those of the same source, from the bottom of the scene. */
  isShown(scene: string, source: string, nth?: number): Maybe<boolean>;
  setShown(scene: string, source: string, isShown: boolean): Maybe<void>;
  isFilterOn(source: string, filter: string): Maybe<boolean | undefined>;
  isMuted(input: string): Maybe<boolean | undefined>;
  textOf(input: string): Maybe<unknown>;
  settingsOf(input: string): Maybe<Record<string, unknown>>;
  /** The sources of a scene, from the bottom, and whether each is visible. */
  itemsOf(scene: string): Maybe<Record<string, boolean>>;
  setText(input: string, text: string): Maybe<void>;
  /** Gives a media source a file with two seconds of silence, or a picture any file. */
  setFile(input: string): Maybe<void>;
  /** Opens a scene collection of the setup, or "Show". */
  switchTo(collection: string): Promise<void>;
  setStudioMode(isOn: boolean): Maybe<void>;
  /** Quits. Its scenes and their state are as they were when it is opened again. */
  quit(): Promise<void>;
  open(): Maybe<void>;
}
