/** Where TikTok keeps its pictures. Livecue fetches pictures from nowhere else. */

/** All hosts below these. */
const hosts = [
  "tiktokcdn.com",
  "tiktokcdn-us.com",
  "tiktokcdn-eu.com",
  "ttwstatic.com",
  "ibyteimg.com",
  "byteimg.com",
  "muscdn.com",
];

/** The entries of a "net" permission that allow all of these hosts. */
export const pictureHosts = hosts.map((host) => `*.${host}`);

/** The address, where it is one of TikTok's pictures; else "". */
export function pictureUrlOf(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.protocol !== "https:" || url.port !== "" || url.username !== "") return "";
  return hosts.some((host) => url.hostname.endsWith(`.${host}`)) ? url.href : "";
}
