/** Lines of plain data that a service shows on the screen, which draws them in its own style. */
export interface Pane {
  /** Identifies the pane: showing one with the same title replaces it. */
  title: string;
  /**
   * At most 50, each with a label, a value and, for a bar, how full it is (0 to 1). Without lines the pane is
   * removed.
   */
  lines: PaneLine[];
  /** What keys do while the pane is selected: at most 5. */
  keys?: PaneKey[];
}

/** Letters that mean nothing else where panes are shown. */
export const paneKeyLetters = "abefhilmnorsvwxy";

/** A press calls the service's `onKeyPressed`. */
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
