import { BaseQueueService, type LiveEvent } from "livecue/service";

/** Does what the comment says, as `read PATH`: to see what it is permitted. */
export default class Curious extends BaseQueueService {
  override async processEvent(event: LiveEvent): Promise<boolean> {
    if (event.type !== "CommentEvent") return false;
    const [verb = "", what = ""] = event.data.comment.split(" ");
    switch (verb) {
      case "read":
        await Deno.readTextFile(what);
        return true;
      case "write":
        await Deno.writeTextFile(what, "written");
        return true;
      case "fetch":
        await (await fetch(what)).body?.cancel();
        return true;
      case "env":
        Deno.env.get(what);
        return true;
      case "run":
        return (await new Deno.Command(what, { args: ["--version"] }).output()).success;
      case "sys":
        return Deno.hostname() !== "";
      case "import":
        await import(what);
        return true;
      default:
        return false;
    }
  }
}
