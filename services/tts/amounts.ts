/** Numbers and amounts of money, written so that an engine reads them as a language says them. */

/** Longer ones first: "R$" ends as "$" does. */
const currencies: Record<string, string> = {
  "US$": "USD",
  "MX$": "MXN",
  "A$": "AUD",
  "C$": "CAD",
  "R$": "BRL",
  "$": "USD",
  "€": "EUR",
  "£": "GBP",
  "₩": "KRW",
  "₹": "INR",
  "₽": "RUB",
  "₺": "TRY",
  "₫": "VND",
  "฿": "THB",
  "₱": "PHP",
  "₴": "UAH",
  "₪": "ILS",
  "₦": "NGN",
  "₸": "KZT",
  "₡": "CRC",
};

const codes =
  "USD|EUR|GBP|JPY|CNY|BRL|MXN|ARS|CLP|COP|PEN|CAD|AUD|NZD|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|RUB|" +
  "UAH|ILS|SAR|AED|EGP|INR|PKR|IDR|MYR|PHP|SGD|THB|VND|KRW|TWD|HKD|ZAR|NGN";
const symbols = [...Object.keys(currencies), "¥", "￥"].map((symbol) => symbol.replaceAll("$", "\\$")).join(
  "|",
);
const unit = `(?:${symbols}|(?:${codes})(?!\\p{L}))`;
/** With or without signs between thousands; no part of a date, a time, a version or a longer word. */
const number = String.raw`\p{Nd}+(?:[.,\u00a0\u202f'’]\p{Nd}+)*`;
/** Of a script that puts a space between a word and a number: "mp3" is one word, "约1,000个" is not. */
const wordLetter = String.raw`[\p{L}--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]]`;
const letter = String.raw`${wordLetter}\p{N}`;

/** Sources of regular expressions with the flag "v". */
export const amountPattern = String
  .raw`(?<![${letter}])${unit} ?${number}|(?<![${letter}.,:\/])${number} ?${unit}(?!\p{Nd})`;
export const numberPattern = String
  .raw`(?<![${letter}.,:\/'’\-])${number}(?![${letter}:\/]|[.,\-]\p{N})`;

/** `amount` is what `amountPattern` found: "$5" is "5 US dollars", "5 dólares estadounidenses". */
export function spokenAmount(amount: string, language: string): string {
  const sign = amount.replace(new RegExp(number, "v"), "").trim();
  const value = readNumber(amount.replace(sign, "").trim(), language);
  if (value === null) return amount;
  return new Intl.NumberFormat(language, {
    style: "currency",
    currency: currencyOf(sign, language),
    currencyDisplay: "name",
    ...plainDigits(value),
  }).format(Number(value));
}

/** `text` is what `numberPattern` found: "1,234.5" is "1234,5" in Spanish; "1.2.3" stays as it is. */
export function spokenNumber(text: string, language: string): string {
  const value = readNumber(text, language);
  // A telephone number is no number of so many milliards, and a zero in front is read.
  if (value === null || /^0\d/.test(value) || value.length > 15) return asciiDigits(text);
  return new Intl.NumberFormat(language, plainDigits(value)).format(Number(value));
}

function currencyOf(sign: string, language: string): string {
  if (sign === "¥" || sign === "￥") return new Intl.Locale(language).language === "zh" ? "CNY" : "JPY";
  return currencies[sign] ?? sign;
}

function plainDigits(value: string): Intl.NumberFormatOptions {
  const decimals = Math.min(20, value.split(".")[1]?.length ?? 0);
  return {
    useGrouping: false,
    numberingSystem: "latn",
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  };
}

function asciiDigits(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => String(digitOf(digit)));
}

/** A script's digits are ten in a row. Of the others, as "①" and "𝟓", there is a plain form. */
function digitOf(digit: string): number {
  const plain = digit.normalize("NFKC");
  if (/^\d$/.test(plain)) return Number(plain);
  const code = digit.codePointAt(0) as number;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return value;
}

/** As JavaScript writes it. null where its signs make no number. */
function readNumber(text: string, language: string): string | null {
  const digits = asciiDigits(text).replace(/[\u00a0\u202f'’]/gu, "");
  const signs: string[] = digits.match(/[.,]/g) ?? [];
  const last = signs.at(-1);
  if (last === undefined) return digits;
  const isDecimal = signs.length === 1
    ? isDecimalSign(digits, language)
    : signs.indexOf(last) === signs.length - 1;
  const [whole = "", decimals] = isDecimal ? splitAtLast(digits, last) : [digits];
  if (!/^\d{1,3}(?:[.,]\d{2,3})*[.,]\d{3}$|^\d+$/.test(whole)) return null;
  return whole.replace(/[.,]/g, "") + (decimals === undefined ? "" : `.${decimals}`);
}

/** Of the only sign: three digits behind it are thousands where the language writes thousands so. */
function isDecimalSign(digits: string, language: string): boolean {
  if (!/^\d{1,3}[.,]\d{3}$/.test(digits) || digits.startsWith("0")) return true;
  const decimal = new Intl.NumberFormat(language).formatToParts(1.5).find(({ type }) => type === "decimal");
  return digits.includes(decimal?.value ?? ".");
}

function splitAtLast(digits: string, sign: string): [string, string] {
  const at = digits.lastIndexOf(sign);
  return [digits.slice(0, at), digits.slice(at + 1)];
}
