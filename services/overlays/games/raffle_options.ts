/** The options of the raffle, and what rules and people may ask of it. */
import { t } from "livecue/language";
import { simplified } from "livecue/words";
import { z } from "zod";

const prizeSchema = z.string().trim().max(80, { error: () => t`the prize has more than 80 letters` });
const secondsSchema = z.number().min(1).max(86_400);
const wordError = () => t`expected one word, as "!raffle", or "" for none`;

export const raffleOptions = z.strictObject({
  /** The word that viewers write to enter; "" if only rules let them in. */
  command: z.string().transform(simplified)
    .refine((word) => !word.includes(" ") && word.length <= 40, { error: wordError }).default("!raffle"),
  /** What there is to win. */
  prize: prizeSchema.default(""),
  /** How viewers enter, for the page; by default that they write the command. */
  how: z.string().trim().max(120).default(""),
  /** How long entries are open; without it, until they are closed. */
  seconds: secondsSchema.optional(),
  /** The most tickets of a viewer. With 1, each viewer is in it once. */
  max_tickets: z.int().min(1).max(1000).default(1),
  /** Whether who has won is left out of the next draws, also in the next raffles. */
  exclude_winners: z.boolean().default(false),
  /** How long the draw takes on the page. */
  spin_seconds: z.number().min(1).max(30).default(6),
  /** How long the winner is shown. */
  show_seconds: z.number().min(1).max(3600).default(60),
});

const ticketsError = { error: () => t`expected 1 to 1000 tickets at once` };

export const raffleCommand = z.union([
  z.enum(["open", "close", "draw", "hide", "enter", "forget_winners"]),
  /** Lets the viewer in with these tickets. */
  z.strictObject({
    tickets: z.int(ticketsError).min(1, ticketsError).max(1000, ticketsError),
    times: z.enum(["count", "diamonds"]).optional(),
  }),
  /** Opens a raffle for this prize. */
  z.strictObject({ prize: prizeSchema, seconds: secondsSchema.optional() }),
], {
  error: () =>
    t`expected "open", "close", "draw", "hide", "enter", "forget_winners", { "prize": "A mug", "seconds": 120 }, or { "tickets": 1, "times": "count" }`,
});

export type RaffleOptions = z.output<typeof raffleOptions>;
export type RaffleCommand = z.output<typeof raffleCommand>;
