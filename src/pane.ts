/** What a service shows of itself on the screen: lines of plain data, drawn by the screen in its own way. */
export interface Pane {
  /** Names the pane: showing one of the same title again replaces it. */
  title: string;
  /** Empty: the pane goes. At most 50; each with a label, a value and, for a bar, how much of it is full (0 to 1). */
  lines: PaneLine[];
  /** What keys do while the pane is selected: at most 5. */
  keys?: PaneKey[];
}

/** Letters that mean nothing else where panes are shown. */
export const paneKeyLetters = "abefhilmnorsvwxy";

/** The service is told of a press by `onKeyPressed`. */
export interface PaneKey {
  /** One of `paneKeyLetters`. */
  key: string;
  /** What it does, as "skip": up to 20 letters. */
  does: string;
}

export interface PaneLine {
  label: string;
  value?: string;
  part?: number;
}
