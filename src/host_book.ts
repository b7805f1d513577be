/** Where hosts are found: machines that run services for this Livecue. */

export interface HostEntry {
  name: string;
  /** A WebSocket address, as "ws://10.0.0.5:7350". */
  address: string;
  /** The secret that the host and its owners share. */
  token: string;
  /** Slugs of the services that it runs; null if the book does not know them. */
  services: readonly string[] | null;
  /** When it last announced itself, Unix milliseconds; null if the book does not know it. */
  seenAt: number | null;
}

export interface HostBook {
  hosts(): Promise<readonly HostEntry[]>;
  /** A host that has started, and again while it runs. */
  announce(entry: HostEntry): Promise<void>;
  /** A host that has stopped. */
  withdraw(name: string): Promise<void>;
}
