/** A short text for trying a voice: the language's own name and the first days of the week. */
const someMonday = Date.UTC(2024, 0, 1);
const dayMs = 86_400_000;

export function sampleText(language: string): string {
  const tag = knownTag(language);
  const day = new Intl.DateTimeFormat(tag, { weekday: "long", timeZone: "UTC" });
  const days = [0, 1, 2].map((index) => day.format(someMonday + index * dayMs));
  const name = new Intl.DisplayNames(tag, { type: "language" }).of(tag) ?? tag;
  return `${name}. ${days.join(", ")}.`;
}

/** "en" when JavaScript does not know the language, such as Klingon. */
function knownTag(language: string): string {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(language)[0] ?? "en";
  } catch {
    return "en";
  }
}
