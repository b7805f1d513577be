/** What a service shows of itself on the screen: lines of plain data, drawn by the screen in its own way. */
export interface Pane {
  /** Names the pane: showing one of the same title again replaces it. */
  title: string;
  /** Empty: the pane goes. At most 50; each with a label, a value and, for a bar, how much of it is full (0 to 1). */
  lines: PaneLine[];
}

export interface PaneLine {
  label: string;
  value?: string;
  part?: number;
}
