/** obs-websocket-js, loaded without the permission to read the environment. */
import process from "node:process";

// Its dependency `debug` lists all environment variables at import, which the sandbox refuses. An empty object needs
// no permission.
const environment = process.env;
process.env = {};
const { OBSWebSocket } = await import("obs-websocket-js/json");
process.env = environment;

export { OBSWebSocket };
