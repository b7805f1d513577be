/** Where TikTok keeps its pictures: pages load pictures from nowhere else. */

/** They and all hosts below them. */
const hosts = [
  "tiktokcdn.com",
  "tiktokcdn-us.com",
  "tiktokcdn-eu.com",
  "ttwstatic.com",
  "ibyteimg.com",
  "byteimg.com",
  "muscdn.com",
];

/** For a content security policy. */
export const pictureSources = hosts.map((host) => `https://*.${host}`).join(" ");

/** The address, where it is one of TikTok's pictures; else "". */
export function pictureUrlOf(address: string): string {
  const url = URL.parse(address);
  if (url === null || url.protocol !== "https:" || url.port !== "" || url.username !== "") return "";
  return hosts.some((host) => url.hostname.endsWith(`.${host}`)) ? url.href : "";
}
