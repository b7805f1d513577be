/** What a face shows of a viewer. */
import type { Viewer, ViewerAmounts } from "./viewer.ts";

/** A live in which the viewer was seen. */
export interface ViewerLiveLine extends ViewerAmounts {
  liveId: number;
  username: string;
  firstSeen: number;
  lastSeen: number;
}

/** `viewer` null: nobody caused the event, or the viewer is not counted yet. The lists have the latest first. */
export interface ViewerDetail {
  kind: "viewer";
  viewer: Viewer | null;
  lives: ViewerLiveLine[];
  /** Other names, as "Ana (@ana.live)". */
  names: string[];
  comments: { at: number; text: string }[];
}
