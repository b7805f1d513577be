/**
 * The rules of clean_text.ts, for text that is not Latin: what a terminal obeys, what is not seen, marks piled up.
 * A module of its own, as its expressions take long to be made.
 */

/** The longest emoji and Tibetan stacks take under 20 UTF-16 units: what takes more is no letter. */
const maxGraphemeUnits = 32;

/** More than any script but Tibetan piles on one letter: a Hebrew one has up to four points. */
const maxMarks = 4;
/** Sanskrit in Tibetan letters stacks up to nine signs, of which eight are marks. */
const maxTibetanMarks = 8;
/** Burmese syllables have five marks where those beside the letter are counted too. */
const maxMarksOfAnyKind = 8;

// Spelled out of their codes, as a literal with control characters in it is itself hard to read.
const escape = "\\x1b";
const bell = "\\x07";

/** Controls that a terminal skips even inside a sequence: gone first, so that they cannot split one. */
const skippedControls = new RegExp(`[\\p{Cc}--[\\t-\\r${bell}${escape}\\x80-\\x9f]]`, "gv");

const escapeSequences = new RegExp(
  [
    // OSC, DCS and their like, up to their terminator; without one only the introducer goes.
    `(?:${escape}[\\]PX\\^_]|[\\x90\\x98\\x9d-\\x9f])[^${bell}${escape}\\x80-\\x9f]*(?:${bell}|${escape}\\\\|\\x9c)`,
    `(?:${escape}\\[|\\x9b)[0-?]*[ -\\/]*[@-~]?`,
    `${escape}[ -\\/]*[0-~]?`,
  ].join("|"),
  "gv",
);

const lineBreaks = /[\t-\r\x85\u2028\u2029]+/gv;

/** Letters and marks of the scripts that shape by joiners, as Persian, Hindi, Bengali, Sinhala. */
const joining = String.raw`[[\p{L}\p{M}]--[\p{scx=Zinh}\p{scx=Zyyy}\p{scx=Latn}\p{scx=Grek}\p{scx=Cyrl}` +
  String
    .raw`\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Hebr}\p{scx=Thai}\p{Default_Ignorable_Code_Point}]]`;

/** Invisible characters where they mean something: the first group of `invisible`, kept. */
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

/** Default ignorables are all that Unicode says to draw as nothing: bidi controls, zero widths, fillers, tags. */
const invisible = new RegExp(
  `(${meaningful})|[\\p{Cc}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\p{Noncharacter_Code_Point}\\uFFF9-\\uFFFB]`,
  "gv",
);

/** Would sit on whatever is printed before the text. */
const leadingMarks = /^[\p{Mn}\p{Me}\u200C\u200D]+/v;
const leadingMarksAndBlanks = /^[\s\p{Mn}\p{Me}\u200C\u200D]+/v;
const longMarkRuns = new RegExp(`[\\p{Mn}\\p{Me}\\u200C\\u200D]{${maxMarks + 1},}`, "gv");
const longRunsOfAnyKind = new RegExp(
  `([\\p{M}\\u200C\\u200D]{${maxMarksOfAnyKind}})[\\p{M}\\u200C\\u200D]+`,
  "gv",
);
const onlyTibetan = /^\p{sc=Tibt}+$/v;
/** Most text: nothing in it that any rule here looks at. */
const plain =
  /^[^\p{Cc}\p{Cs}\p{M}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2028\u2029\uFFF9-\uFFFB]*$/v;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Cleans a comment or other running text, at most `maxLength` graphemes of it. Line breaks become blanks. */
export function cleanText(text: string, maxLength: number): string {
  return cut(clean(text, maxLength).replace(leadingMarks, ""), maxLength);
}

/** Cleans a name; "" where nothing of it can be seen. */
export function cleanName(text: string, maxLength: number): string {
  return cut(clean(text, maxLength).replace(leadingMarksAndBlanks, ""), maxLength).trimEnd();
}

function clean(text: string, maxLength: number): string {
  // Far more than is kept, so that no length of hostile text costs much.
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
  // Marks may lie outside the basic plane, so they are counted as characters, not as units.
  return [...run].slice(0, onlyTibetan.test(run) ? maxTibetanMarks : maxMarks).join("");
}

function cut(text: string, maxLength: number): string {
  if (text.length <= Math.min(maxLength, maxGraphemeUnits)) return text;
  const maxUnits = maxLength * 8;
  const kept: string[] = [];
  let units = 0;
  for (const { segment } of graphemes.segment(text)) {
    // Endless chains of joined emoji and the like; U+FFFD joins with no neighbor, so the others stay as they are.
    const grapheme = segment.length > maxGraphemeUnits ? "\uFFFD" : segment;
    units += grapheme.length;
    if (kept.length === maxLength || units > maxUnits) break;
    kept.push(grapheme);
  }
  return kept.join("");
}
