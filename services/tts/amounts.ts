/** Writes numbers and amounts of money so that an engine reads them correctly in a language. */

/** Longer symbols come first, because "R$" contains "$". */
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
/** A number with or without separators of thousands. */
const number = String.raw`\p{Nd}+(?:[.,\u00a0\u202f'’]\p{Nd}+)*`;
/** Letters of scripts that put a space between a word and a number: "mp3" is one word, "约1,000个" is not. */
const wordLetter = String.raw`[\p{L}--[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]]`;
const letter = String.raw`${wordLetter}\p{N}`;

/** Sources of regular expressions with the flag "v". */
export const amountPattern = String
  .raw`(?<![${letter}])${unit} ?${number}|(?<![${letter}.,:\/])${number} ?${unit}(?!\p{Nd})`;
export const numberPattern = String
  .raw`(?<![${letter}.,:\/'’\-])${number}(?![${letter}:\/]|[.,\-]\p{N})`;

/** `amount` is a match of `amountPattern`: "$5" becomes "5 US dollars" or "5 dólares estadounidenses". */
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

/** `text` is a match of `numberPattern`: "1,234.5" becomes "1234,5" in Spanish; "1.2.3" does not change. */
export function spokenNumber(text: string, language: string): string {
  const value = readNumber(text, language);
  // A phone number is not a quantity, and its leading zero is spoken.
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

/** A script's ten digits have consecutive codes. Others, such as "①" and "𝟓", have a plain form. */
function digitOf(digit: string): number {
  const plain = digit.normalize("NFKC");
  if (/^\d$/.test(plain)) return Number(plain);
  const code = digit.codePointAt(0) as number;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return value;
}

/** The number in JavaScript's notation; null when the separators do not form a number. */
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

/** Whether the only separator is decimal. Before three digits it may separate thousands, as the language does. */
function isDecimalSign(digits: string, language: string): boolean {
  if (!/^\d{1,3}[.,]\d{3}$/.test(digits) || digits.startsWith("0")) return true;
  const decimal = new Intl.NumberFormat(language).formatToParts(1.5).find(({ type }) => type === "decimal");
  return digits.includes(decimal?.value ?? ".");
}

function splitAtLast(digits: string, sign: string): [string, string] {
  const at = digits.lastIndexOf(sign);
  return [digits.slice(0, at), digits.slice(at + 1)];
}
