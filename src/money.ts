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
