/** Amounts of money, which Livecue stores as integers in the currency's smallest unit. */

/** The number of decimal places of a currency: 2 for EUR, 0 for JPY, 3 for KWD. */
export function fractionDigits(currency: string): number {
  // An invalid code would throw. Most currencies have 2.
  if (!/^[A-Za-z]{3}$/.test(currency)) return 2;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
    .maximumFractionDigits ?? 2;
}

/** The amount as decimal text, without its currency: "5.00". */
export function amountText({ amount, currency }: { amount: number; currency: string }): string {
  const digits = fractionDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/** More than anybody gives: a higher amount is a mistake. */
const maxAmount = 100_000_000_000;

/** A number with or without decimals; no sign, no spaces, no exponent. */
const decimalNumber = /^(\d{1,15})(?:\.(\d{1,15}))?$/;

/** Whether the text has the form of a currency code, as "EUR". */
export function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

/** "3.50" becomes 350 (EUR); null if the text is not such a number, has too many decimals, or is too high. */
export function minorUnits(decimal: string, currency: string): number | null {
  return scaled(decimal, fractionDigits(currency));
}

/** "350" becomes 350; null if the text is not an integer, or is too high. */
export function wholeUnits(number: string): number | null {
  return scaled(number, 0);
}

function scaled(number: string, digits: number): number | null {
  const [, whole, fraction = ""] = decimalNumber.exec(number) ?? [];
  if (whole === undefined || /[1-9]/.test(fraction.slice(digits))) return null;
  const amount = Number(whole + fraction.slice(0, digits).padEnd(digits, "0"));
  return amount <= maxAmount ? amount : null;
}
