/** Addresses in the config. */

/** Whether it starts with one of these schemes, as "ws", and can be used. */
export function isAddress(text: string, schemes: readonly string[]): boolean {
  const scheme = /^([a-z]+):\/\//i.exec(text)?.[1]?.toLowerCase() ?? "";
  return schemes.includes(scheme) && URL.canParse(text) && !text.includes("#") && new URL(text).host !== "";
}
