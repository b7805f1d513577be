/** The view of a viewer: what is known over all lives. */
import { counted, noun, t } from "../../../language.ts";
import type { ViewerAmounts } from "../../../viewer.ts";
import type { ViewerDetail } from "../../../viewer_view.ts";
import { formatMoment } from "../format.ts";
import type { Line, Style } from "../theme.ts";
import { fit, wrap } from "../width.ts";

const labelWidth = 14;

export function viewerLines(detail: ViewerDetail | null, width: number): Line[] {
  if (detail === null) return [[{ text: ` ${t`Loading …`}` }]];
  const { viewer, lives, names, comments } = detail;
  if (viewer === null) {
    return [[{
      text: ` ${t`No viewer is known for this event: nobody caused it, or it is not counted yet.`}`,
      style: "warning",
    }]];
  }
  const gone: Line[] = lives.length > 0
    ? []
    : [[{ text: `   ${t`Their sessions were deleted; the sums stay.`}` }]];
  return [
    field(t`name`, `${viewer.nickname}  @${viewer.uniqueId}`, "strong"),
    ...(viewer.isBlocked ? [field(t`blocked`, t`No service gets the events.`, "bad")] : []),
    ...(viewer.note === null ? [] : noteLines(viewer.note, width)),
    field(t`first seen`, formatMoment(viewer.firstSeen)),
    field(t`last seen`, formatMoment(viewer.lastSeen)),
    field(
      t`all lives`,
      [counted(viewer.lives, noun("live")), ...amounts(viewer)].join(", "),
    ),
    ...(names.length === 0 ? [] : [field(t`other names`, names.join(", "))]),
    ...section(t`Last lives`),
    ...gone,
    ...lives.map((live): Line => [
      { text: `   ${formatMoment(live.firstSeen)}  `, style: "accent" },
      { text: `${fit(live.username === "" ? "-" : `@${live.username}`, 20)}  ` },
      { text: amounts(live).join(", ") },
    ]),
    ...(comments.length === 0 ? [] : section(t`Last comments`)),
    ...comments.map(({ at, text }): Line => [
      { text: `   ${formatMoment(at)}  `, style: "accent" },
      { text },
    ]),
  ];
}

function amounts({ gifts, diamonds, comments }: ViewerAmounts): string[] {
  return [
    counted(gifts, noun("gift")),
    counted(diamonds, noun("diamond")),
    counted(comments, noun("comment")),
  ];
}

function field(label: string, text: string, style: Style = "plain"): Line {
  return [{ text: ` ${fit(label, labelWidth)} `, style: "accent" }, { text, style }];
}

function noteLines(note: string, width: number): Line[] {
  return wrap(note, width - labelWidth - 3).map((text, row) =>
    row === 0 ? field(t`note`, text, "warning") : field("", text, "warning")
  );
}

function section(title: string): Line[] {
  return [[], [{ text: ` ${title}`, style: "strong" }]];
}
