/**
 * The rules of clean_text.ts for text that is not simple: terminal controls, invisible characters, stacked marks. It
 * is a separate module, because compiling its expressions takes long.
 */

/** The longest emoji and Tibetan stacks take fewer than 20 UTF-16 units. Longer graphemes are not real characters. */
const maxGraphemeUnits = 32;

/** No script except Tibetan stacks more marks on one letter: a Hebrew letter has up to four points. */
const maxMarks = 4;
/** Sanskrit in Tibetan letters stacks up to nine signs, of which eight are marks. */
const maxTibetanMarks = 8;
/** Burmese syllables have five marks, if spacing marks are counted too. */
const maxMarksOfAnyKind = 8;

// Written as codes, because a literal with control characters is hard to read.
const escape = "\\x1b";
const bell = "\\x07";

/** Controls that a terminal skips even inside a sequence. They are removed first, so that they cannot split one. */
const skippedControls = new RegExp(`[\\p{Cc}--[\\t-\\r${bell}${escape}\\x80-\\x9f]]`, "gv");

const escapeSequences = new RegExp(
  [
    // OSC, DCS and the like, up to their terminator; without one, only the introducer is removed.
    `(?:${escape}[\\]PX\\^_]|[\\x90\\x98\\x9d-\\x9f])[^${bell}${escape}\\x80-\\x9f]*(?:${bell}|${escape}\\\\|\\x9c)`,
    `(?:${escape}\\[|\\x9b)[0-?]*[ -\\/]*[@-~]?`,
    `${escape}[ -\\/]*[0-~]?`,
  ].join("|"),
  "gv",
);

const lineBreaks = /[\t-\r\x85\u2028\u2029]+/gv;

/** Letters and marks of scripts that use joiners, as Persian, Hindi, Bengali, Sinhala. */
const joining = String.raw`[[\p{L}\p{M}]--[\p{scx=Zinh}\p{scx=Zyyy}\p{scx=Latn}\p{scx=Grek}\p{scx=Cyrl}` +
  String
    .raw`\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Hebr}\p{scx=Thai}\p{Default_Ignorable_Code_Point}]]`;

/** Invisible characters in places where they have a meaning. They are the first group of `invisible`, and are kept. */
const meaningful = [
  // The flags of England, Scotland and Wales are spelled in tags.
  String.raw`\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{2,6}\u{E007F}`,
  String.raw`(?<=\p{Extended_Pictographic}[\p{Emoji_Modifier}\uFE0F]?)\u200D(?=\p{Extended_Pictographic})`,
  String.raw`(?<=${joining})[\u200C\u200D]`,
  String.raw`(?<=[\p{Emoji}\p{Extended_Pictographic}])[\uFE0E\uFE0F]`,
  String.raw`(?<=[\p{sc=Hani}\p{sc=Mymr}\p{sc=Phag}\p{Sm}])[\uFE00-\uFE0D]`,
  String.raw`(?<=\p{sc=Hani})[\u{E0100}-\u{E01EF}]`,
  String.raw`(?<=[\p{L}&&\p{sc=Mong}])[\u180B-\u180F]`,
].join("|");

/** Unicode's default ignorables are drawn as nothing: bidi controls, zero-width characters, fillers, tags. */
const invisible = new RegExp(
  `(${meaningful})|[\\p{Cc}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\uFFF9-\\uFFFB]`,
  "gv",
);

/** Marks that would combine with the text printed before. */
const leadingMarks = /^[\p{Mn}\p{Me}\u200C\u200D]+/v;
const leadingMarksAndBlanks = /^[\s\p{Mn}\p{Me}\u200C\u200D]+/v;
const longMarkRuns = new RegExp(`[\\p{Mn}\\p{Me}\\u200C\\u200D]{${maxMarks + 1},}`, "gv");
const longRunsOfAnyKind = new RegExp(
  `([\\p{M}\\u200C\\u200D]{${maxMarksOfAnyKind}})[\\p{M}\\u200C\\u200D]+`,
  "gv",
);
const onlyTibetan = /^\p{sc=Tibt}+$/v;
/** Text that no rule here affects, as most text. */
const plain =
  /^[^\p{Cc}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2028\u2029\uFFF9-\uFFFB]*$/v;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Cleans a comment or other text, and cuts it to `maxLength` graphemes. Line breaks become spaces. */
export function cleanText(text: string, maxLength: number): string {
  return cut(clean(text, maxLength).replace(leadingMarks, ""), maxLength);
}

/** Cleans a name; "" if it has no visible characters. */
export function cleanName(text: string, maxLength: number): string {
  return cut(clean(text, maxLength).replace(leadingMarksAndBlanks, ""), maxLength).trimEnd();
}

function clean(text: string, maxLength: number): string {
  // Bounded, so that a very long text costs little. This is far more than is kept.
  const head = text.slice(0, maxLength * 100);
  if (plain.test(head)) return head;
  return head
    .replace(skippedControls, "")
    .replace(escapeSequences, "")
    .replace(lineBreaks, " ")
    .replace(invisible, "$1")
    .replace(longMarkRuns, cutMarks)
    .replace(longRunsOfAnyKind, "$1");
}

function cutMarks(run: string): string {
  // Marks may be outside the basic plane, so characters are counted, not units.
  return [...run].slice(0, onlyTibetan.test(run) ? maxTibetanMarks : maxMarks).join("");
}

function cut(text: string, maxLength: number): string {
  if (text.length <= Math.min(maxLength, maxGraphemeUnits)) return text;
  const maxUnits = maxLength * 8;
  const kept: string[] = [];
  let units = 0;
  for (const { segment } of graphemes.segment(text)) {
    // Replaces endless chains of joined emoji and the like. U+FFFD does not join with its neighbors.
    const grapheme = segment.length > maxGraphemeUnits ? "\uFFFD" : segment;
    units += grapheme.length;
    if (kept.length === maxLength || units > maxUnits) break;
    kept.push(grapheme);
  }
  return kept.join("");
}
