/** Tells the addresses of the public internet from all others. */
import ipaddr from "ipaddr.js";

/** The only part of IPv6 from which public addresses are assigned. */
const publicIpv6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * False for anything but a public address: private, loopback, link-local, carrier-grade NAT, multicast, reserved, and
 * IPv6 addresses that contain one of IPv4 (mapped, NAT64, 6to4, Teredo), as they may lead into a private network.
 */
export function isPublicAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  return address instanceof ipaddr.IPv4 || address.match(publicIpv6);
}
