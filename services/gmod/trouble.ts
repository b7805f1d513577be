export type TroubleKind =
  | "refused"
  | "unknown_host"
  | "unreachable"
  | "connect_timeout"
  | "not_permitted"
  | "wrong_password"
  /** The server closed the connection before it answered the password. It does so for a banned address. */
  | "turned_away"
  | "not_rcon"
  | "silent"
  | "lost"
  /** The connection is closed, and the command was certainly not run. */
  | "not_run";

/** Why Livecue cannot use the server, as a message that says what to do. */
export class Trouble extends Error {
  override name = "Trouble";
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string) {
    super(message);
    this.kind = kind;
  }

  /** Whether it lasts until a person does something, so that waiting is pointless. */
  get isLasting(): boolean {
    return this.kind === "wrong_password" || this.kind === "not_permitted";
  }
}

/** The address as written in `permissions.net`: IPv6 in brackets. */
export function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
