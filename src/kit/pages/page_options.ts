/** The options of a service with pages. */
import { z } from "zod";
import { t } from "../../language.ts";
import { secretOptions } from "../secret.ts";

/** Lower ports are reserved for the system; 0 lets the system choose one, for tests. */
const portSchema = z.int().refine((port) => port === 0 || (port >= 1024 && port <= 65_535), {
  error: () => t`expected a port from 1024 to 65535`,
});

/** For a service's `optionsSchema`: the address of its pages, their token, and the user's theme folder. */
export function pageOptions({ port }: { port: number }) {
  return {
    host: z.string().min(1).default("127.0.0.1"),
    port: portSchema.default(port),
    ...secretOptions("token"),
    theme_folder: z.string().min(1).optional(),
  };
}

export type PageOptions = z.output<z.ZodObject<ReturnType<typeof pageOptions>>>;
