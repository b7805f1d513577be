/** Lines of plain data that a service shows on the screen, which draws them in its own style. */
export interface Pane {
  /** Identifies the pane: showing one with the same title replaces it. */
  title: string;
  /**
   * At most 50, each with a label, a value and, for a bar, how full it is (0 to 1). Without lines the pane is
   * removed.
   */
  lines: PaneLine[];
}

export interface PaneLine {
  label: string;
  value?: string;
  part?: number;
}
