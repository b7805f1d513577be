/** Amounts of money, which Livecue keeps as whole numbers of the currency's smallest unit. */

/** How many digits of an amount stand behind the point: 2 for EUR, 0 for JPY, 3 for KWD. */
export function fractionDigits(currency: string): number {
  // What is no currency's code would throw; 2 is what most have.
  if (!/^[A-Za-z]{3}$/.test(currency)) return 2;
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions()
    .maximumFractionDigits ?? 2;
}

/** The amount as a person writes it, without its currency: "5.00". */
export function amountText({ amount, currency }: { amount: number; currency: string }): string {
  const digits = fractionDigits(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/** More than anybody gives: what is above is a mistake. */
const maxAmount = 100_000_000_000;

/** A whole number with or without decimals; no sign, no blanks, no exponent. */
const decimalNumber = /^(\d{1,15})(?:\.(\d{1,15}))?$/;

/** Whether the text has the form of a currency's code, as "EUR". */
export function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

/** "3.50" as 350 (EUR); null where it is no such number, finer than the currency, or more than anybody gives. */
export function minorUnits(decimal: string, currency: string): number | null {
  return scaled(decimal, fractionDigits(currency));
}

/** "350" as 350; null where it is no whole number, or more than anybody gives. */
export function wholeUnits(number: string): number | null {
  return scaled(number, 0);
}

function scaled(number: string, digits: number): number | null {
  const [, whole, fraction = ""] = decimalNumber.exec(number) ?? [];
  if (whole === undefined || /[1-9]/.test(fraction.slice(digits))) return null;
  const amount = Number(whole + fraction.slice(0, digits).padEnd(digits, "0"));
  return amount <= maxAmount ? amount : null;
}
