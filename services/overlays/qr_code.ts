/** Draws QR codes, so that the page asks nobody else for them. */
import { t } from "livecue/language";
import { answer, isReading, refuse, refuseMethod, type Route } from "livecue/pages";
import encodeQR from "qr";

/** Longer texts make a code that no phone reads from a video. */
const maxLength = 300;

/** GET /qr_code?text=…: the code as SVG. */
export const qrCode: Route = (request) => {
  if (!isReading(request.method)) return refuseMethod("GET");
  const text = new URL(request.url).searchParams.get("text")?.trim() ?? "";
  if (text === "") return refuse(400, t`The text is missing: add ?text=https://… to the address.`);
  if (text.length > maxLength) {
    return refuse(
      400,
      t`The text has ${text.length} characters, and a code may have ${maxLength}: use a short link.`,
    );
  }
  return answer(encodeQR(text, "svg", { border: 2 }), "image/svg+xml");
};
