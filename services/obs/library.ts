/** obs-websocket-js, loaded without the permission to read the environment. */
import process from "node:process";

// At import, its `debug` lists all environment variables, which is refused; an empty list needs no permission.
const environment = process.env;
process.env = {};
const { OBSWebSocket } = await import("obs-websocket-js/json");
process.env = environment;

export { OBSWebSocket };
