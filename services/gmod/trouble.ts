export type TroubleKind =
  | "refused"
  | "unknown_host"
  | "unreachable"
  | "connect_timeout"
  | "not_permitted"
  | "wrong_password"
  /** The connection ended before the password was answered, as it does for a banned address. */
  | "turned_away"
  | "not_rcon"
  | "silent"
  | "lost"
  /** The connection is over, and the command was certainly not run. */
  | "not_run";

/** What is wrong between Livecue and the server, as a sentence that says what to do. */
export class Trouble extends Error {
  override name = "Trouble";
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind, message: string) {
    super(message);
    this.kind = kind;
  }

  /** Whether it stays until a person does something, so that there is no use in waiting. */
  get isLasting(): boolean {
    return this.kind === "wrong_password" || this.kind === "not_permitted";
  }
}

/** As it stands in `permissions.net`: an IPv6 address in brackets. */
export function addressOf(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
