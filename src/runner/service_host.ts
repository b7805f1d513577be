/** The worker's side of a service: loads it, calls its hooks, and answers for each item exactly once. */
import type { LiveEvent } from "../event.ts";
import {
  BaseQueueService,
  type OptionsSchema,
  type QueueItem,
  type ServiceContext,
  type StateOptions,
} from "../kit/service.ts";
import { type Failure, failureText, plainFailure } from "../failure.ts";
import type { ItemView } from "../item.ts";
import { describeFailure, describeValue, ServiceMistake } from "./failure.ts";
import type {
  AbortCause,
  MessageFromWorker,
  MessageToWorker,
  ServiceRequest,
  ServiceStart,
} from "./protocol.ts";

type ServiceClass = new (context: ServiceContext) => BaseQueueService;

export class ServiceHost {
  readonly #post: (message: MessageFromWorker) => void;
  readonly #stoppingController = new AbortController();
  readonly #stopController = new AbortController();
  readonly #items = new Map<number, HostedItem>();
  readonly #requests = new Map<number, PromiseWithResolvers<unknown>>();
  #lastRequestId = 0;
  #service: BaseQueueService | null = null;

  constructor(post: (message: MessageFromWorker) => void) {
    this.#post = post;
  }

  receive(message: Exclude<MessageToWorker, { kind: "ping" }>): void {
    switch (message.kind) {
      case "start":
        void this.#start(message);
        break;
      case "event":
        void this.#handle(message.item, message.event);
        break;
      case "abort":
        this.#items.get(message.itemId)?.abort(message.cause, message.why);
        break;
      case "stopping":
        this.#stoppingController.abort(new DOMException("a stop has begun", "AbortError"));
        break;
      case "stop":
        void this.#stop();
        break;
      case "reply":
        this.#takeRequest(message.requestId)?.resolve(message.value);
        break;
      case "refusal":
        this.#takeRequest(message.requestId)?.reject(new Error(message.error));
        break;
    }
  }

  async #start({ serviceUrl, options, configFolder }: ServiceStart): Promise<void> {
    try {
      const module = await importModule(serviceUrl);
      const Service = serviceClassOf(module);
      const checked = await checkOptions(module["optionsSchema"], options);
      this.#service = new Service({ ...this.#contextFor(checked), configFolder });
      await this.#service.onStart();
      this.#post({ kind: "ready" });
    } catch (thrown) {
      const isMistake = thrown instanceof ServiceMistake;
      const inOptions = isMistake ? thrown.inOptions : [];
      this.#post({ kind: "start_failed", failure: describeFailure(thrown), isMistake, inOptions });
    }
  }

  async #handle(view: ItemView, event: LiveEvent): Promise<void> {
    const service = this.#service;
    if (service === null) throw new Error("ServiceHost: an event came before the service was ready");
    const item = new HostedItem(view);
    this.#items.set(item.id, item);
    const failure = await attempt(service, event, item);
    try {
      await service.onEventProcessed(event, item, failure === null);
    } catch (thrown) {
      this.#logThrown("onEventProcessed", thrown);
    }
    this.#items.delete(item.id);
    if (failure === null) this.#post({ kind: "done", itemId: item.id, emitted: [] });
    else this.#post({ kind: "failed", itemId: item.id, failure });
  }

  async #stop(): Promise<void> {
    this.#stopController.abort(new DOMException("the service is being stopped", "AbortError"));
    try {
      await this.#service?.onStop();
    } catch (thrown) {
      this.#logThrown("onStop", thrown);
    }
    this.#post({ kind: "stopped" });
  }

  #logThrown(hook: string, thrown: unknown): void {
    this.#post({ kind: "log", level: "error", text: `${hook}: ${failureText(describeFailure(thrown))}` });
  }

  #contextFor(options: Record<string, unknown>): Omit<ServiceContext, "configFolder"> {
    const log = (level: "debug" | "info" | "warn" | "error") => (text: string) =>
      this.#post({ kind: "log", level, text: String(text) });
    const live = { source: null };
    const scopeOf = (options?: StateOptions) => options?.scope ?? "service";
    const ask = <Value>(request: ServiceRequest) => this.#ask(request) as Promise<Value>;
    return {
      options,
      log: { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") },
      stopping: this.#stoppingController.signal,
      signal: this.#stopController.signal,
      state: {
        get: (key, options) => ask({ kind: "get_state", scope: scopeOf(options), key, live }),
        set: (key, value, options) =>
          ask({ kind: "set_state", scope: scopeOf(options), key, value: asJson(value), live }),
      },
      session: {
        totals: () => ask({ kind: "totals", live }),
        top: (count) => ask({ kind: "top", count, live }),
      },
    };
  }

  async #ask(request: ServiceRequest): Promise<unknown> {
    const requestId = ++this.#lastRequestId;
    const pending = Promise.withResolvers<unknown>();
    this.#requests.set(requestId, pending);
    this.#post({ kind: "request", requestId, request });
    return await pending.promise;
  }

  #takeRequest(requestId: number): PromiseWithResolvers<unknown> | undefined {
    const pending = this.#requests.get(requestId);
    this.#requests.delete(requestId);
    return pending;
  }
}

/** Its signal is made when first asked for: most services never do. */
class HostedItem implements QueueItem {
  readonly id: number;
  readonly priority: number;
  readonly isAsync: boolean;
  readonly count: number;
  readonly attempt: number;
  readonly isFirstOfUser: boolean;
  #controller: AbortController | null = null;
  #reason: DOMException | null = null;

  constructor(view: ItemView) {
    this.id = view.id;
    this.priority = view.priority;
    this.isAsync = view.isAsync;
    this.count = view.count;
    this.attempt = view.attempt;
    this.isFirstOfUser = view.isFirstOfUser;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#reason !== null) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(cause: AbortCause, why: string): void {
    this.#reason = new DOMException(why, cause === "timeout" ? "TimeoutError" : "AbortError");
    this.#controller?.abort(this.#reason);
  }
}

/** Null is success. */
async function attempt(
  service: BaseQueueService,
  event: LiveEvent,
  item: QueueItem,
): Promise<Failure | null> {
  try {
    await service.onEventReceived(event, item);
    const answer: unknown = await service.processEvent(event, item);
    if (answer === true) return null;
    if (answer === false) return plainFailure("processEvent returned false");
    return plainFailure(`processEvent returned ${describeValue(answer)}, not true or false`);
  } catch (thrown) {
    return describeFailure(thrown);
  }
}

/** As it will be read back, so that what cannot be kept fails here, in the service's own call. */
function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

async function importModule(serviceUrl: string): Promise<Record<string, unknown>> {
  try {
    return await import(serviceUrl);
  } catch (thrown) {
    throw new ServiceMistake(`${serviceUrl} could not be loaded: ${failureText(describeFailure(thrown))}`);
  }
}

function serviceClassOf(module: Record<string, unknown>): ServiceClass {
  const exported = module["default"];
  if (exported === undefined) {
    throw new ServiceMistake(
      "the module has no default export: write export default class … extends BaseQueueService",
    );
  }
  if (typeof exported !== "function" || !(exported.prototype instanceof BaseQueueService)) {
    throw new ServiceMistake(
      `the module's default export is ${describeValue(exported)}, which does not extend BaseQueueService ` +
        `of "livecue/service"`,
    );
  }
  return exported as ServiceClass;
}

async function checkOptions(
  schema: unknown,
  options: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (schema === undefined) return options;
  if (!isOptionsSchema(schema)) {
    throw new ServiceMistake(
      "the module's optionsSchema is not a Standard Schema: make it with zod or another library that has them",
    );
  }
  const check = await schema["~standard"].validate(options);
  if (!check.issues) return check.value as Record<string, unknown>;
  const mistakes = check.issues.map(({ message, path = [] }) => {
    const keys = path.map((step) => typeof step === "object" ? step.key : step)
      .map((key) => typeof key === "number" ? key : String(key));
    return { path: keys, message };
  });
  throw new ServiceMistake('"options" of the config do not fit the service', mistakes);
}

function isOptionsSchema(value: unknown): value is OptionsSchema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return typeof standard === "object" && standard !== null &&
    typeof Reflect.get(standard, "validate") === "function";
}
