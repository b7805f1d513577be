/** The config's `readings`: how long readings are kept. */
import { z } from "zod";
import { t } from "../language.ts";

/** A hundred years. */
const maxDays = 36_500;
const days = z.int().min(1).max(maxDays);

export const readingsSettings = z.strictObject({
  raw_days: days.default(7).describe(
    "Days for which readings are kept as rows. After that, they are packed.",
  ),
  packed_days: days.default(30).describe("Days after which packed readings are deleted."),
  rollup_days: days.default(365).describe("Days after which the summaries of minutes and hours are deleted."),
})
  .refine(({ raw_days, packed_days }) => raw_days <= packed_days, {
    path: ["packed_days"],
    error: () => t`at least as many days as raw_days`,
  })
  .refine(({ packed_days, rollup_days }) => packed_days <= rollup_days, {
    path: ["rollup_days"],
    error: () => t`at least as many days as packed_days`,
  });
