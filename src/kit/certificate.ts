/** What to do about a server's certificate that was refused: "livecue/certificate". */
export { certificateAdvice } from "../certificate_advice.ts";
