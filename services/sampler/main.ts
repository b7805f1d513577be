import { Rules } from "livecue/rules";
import { BaseQueueService, type LiveEvent, type QueueItem, UserError } from "livecue/service";
import { LibraryServer } from "./api/server.ts";
import { deleteSample, removeHidden } from "./deletion.ts";
import { keepDoor } from "./door.ts";
import { findLink, readLink } from "./download/links.ts";
import { failSample, makeSample } from "./making.ts";
import { migrations } from "./migrations.ts";
import type { Options, SampleAction } from "./options.ts";
import { paneLines } from "./pane.ts";
import { type Sample, type SampleEventData, sampleEventData } from "./sample.ts";
import { type NewRequest, Samples } from "./samples.ts";
import { openStorage } from "./storage/open_storage.ts";
import type { Storage } from "./storage/storage.ts";

export { commands } from "./commands.ts";
export { optionsSchema } from "./options.ts";

/** The data of a `SampleRequestedEvent`. */
interface Asked {
  sampleId: number;
  request: number;
}

declare module "livecue/service" {
  interface EmittedDataByType {
    SampleRequestedEvent: Asked;
    SampleEvent: SampleEventData;
    SampleFailedEvent: { sampleId: number; url: string; step: string; error: string };
  }
}

/** Makes samples from links to videos, and keeps a library of them. */
export default class Sampler extends BaseQueueService<Options> {
  readonly #database = this.database(migrations);
  readonly #changed = new Set<number>();
  readonly #samples = new Samples(this.#database, { onChange: (id) => this.#changed.add(id) });
  readonly #rules = new Rules<SampleAction>(this.options.rules, this.state);
  /** The last work on each sample: one item at a time works on it. */
  readonly #works = new Map<number, Promise<void>>();
  /** Set by `onStart`. */
  #storage!: Storage;
  #server!: LibraryServer;
  /** Changes when another program has written to the database. */
  #dataVersion: unknown = null;
  #toldProblem = "";

  override async onStart(): Promise<void> {
    this.#storage = await openStorage(this.options.storage, {
      dataFolder: this.folder,
      configFolder: this.configFolder,
    });
    this.#server = new LibraryServer(this, {
      samples: this.#samples,
      storage: this.#storage,
      request: (url, requestedBy) => this.#request(url, requestedBy),
      retry: (id) => this.#retry(id),
      delete: (id) => deleteSample(this.#samples, this.#storage, id),
    });
    await this.#server.start();
    await this.#keepDoor();
    for (const sample of this.#samples.hidden()) await removeHidden(this.#samples, this.#storage, sample);
    this.#checkStorage();
    this.#readDataVersion();
    this.#showPane();
    this.every(0.25, () => this.#tell());
    this.every(1, () => this.#look());
  }

  /** Before the first sample. A storage that does not answer now may do so by then, so the start goes on. */
  #checkStorage(): void {
    this.#storage.check(this.signal).catch((error: Error) => {
      if (!this.signal.aborted) this.log.warn(`samples cannot be stored now: ${error.message}`);
    });
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type === "SampleRequestedEvent") await this.#makeAlone(event.data as unknown as Asked, item);
    else await this.#read(event, item);
    return true;
  }

  /** After the item of an earlier request, if that is still at work. */
  async #makeAlone(asked: Asked, item: QueueItem): Promise<void> {
    const { sampleId } = asked;
    const before = this.#works.get(sampleId) ?? Promise.resolve();
    const work = before.catch(() => {}).then(() => this.#make(asked, item));
    this.#works.set(sampleId, work);
    try {
      await work;
    } finally {
      if (this.#works.get(sampleId) === work) this.#works.delete(sampleId);
    }
  }

  async #make({ sampleId: id, request }: Asked, item: QueueItem): Promise<void> {
    // A later request has an item of its own.
    if (!this.#samples.isLatest({ id, request })) return;
    item.onFailure((error) => this.#fail({ id, request }, item, error));
    const sample = await makeSample(id, item, {
      options: this.options,
      samples: this.#samples,
      storage: this.#storage,
      configFolder: this.configFolder,
      log: this.log,
    });
    if (sample !== null) item.emit("SampleEvent", sampleEventData(sample));
  }

  async #fail(asked: NewRequest, item: QueueItem, error: Error): Promise<void> {
    const { id } = asked;
    const failed = this.#samples.get(id);
    if (failed === null || !this.#samples.isLatest(asked)) return;
    const reason = failSample(id, error, this.#samples);
    const data = { sampleId: id, url: failed.sourceUrl, ...reason };
    await this.emit("SampleFailedEvent", data, { id: `sample ${id} failed in item ${item.id}` });
  }

  /** Requests the first link of a comment, if a rule says so. */
  async #read(event: LiveEvent, item: QueueItem): Promise<void> {
    for (const { sample } of await this.#rules.match(event, item)) {
      const url = findLink(sample.fill(event, item), this.options);
      if (url === null) continue;
      const { key } = readLink(url, this.options);
      const requestedBy = event.user.uniqueId || event.user.nickname || event.type;
      this.#samples.request({ url, videoKey: key, requestedBy });
    }
  }

  override async onStop(): Promise<void> {
    await this.#server.stop();
  }

  /** Throws a `UserError` if the link may not be used. */
  #request(text: string, requestedBy: string): Promise<{ sample: Sample; isNew: boolean }> {
    return Promise.try(() => {
      if (this.options.allow_files && text.startsWith("file:///")) {
        return this.#samples.request({ url: new URL(text).href, videoKey: null, requestedBy });
      }
      const { url, key } = readLink(text, this.options);
      return this.#samples.request({ url, videoKey: key, requestedBy });
    });
  }

  #retry(id: number): Promise<Sample> {
    return Promise.try(() => {
      const sample = this.#samples.find(id);
      if (sample !== null && this.#works.has(sample.id)) {
        throw new UserError(`Sample ${id} is being made right now.`);
      }
      return this.#samples.retry(id);
    });
  }

  /** Stores the address and the generated token for the commands. A token from the options is not stored. */
  async #keepDoor(): Promise<void> {
    const { token, token_env, token_file } = this.options;
    const isOwn = [token, token_env, token_file].some((given) => given !== undefined);
    keepDoor(this.#database, {
      url: this.#server.url,
      token: isOwn ? "" : await this.#server.programToken(),
    });
  }

  /** Turns requests into events, and sees what commands changed. */
  async #look(): Promise<void> {
    if (this.#readDataVersion()) {
      this.#server.tellReload();
      this.#showPane();
    }
    for (const { id, request } of this.#samples.unannounced()) {
      // With the id, a request whose emission was stored before a crash is not emitted again.
      const options = { id: `sample ${id} request ${request}`, toSelf: true };
      try {
        await this.emit("SampleRequestedEvent", { sampleId: id, request }, options);
      } catch (error) {
        return this.#tellProblem(error);
      }
      this.#samples.announce(id);
    }
    this.#toldProblem = "";
  }

  #tellProblem(error: unknown): void {
    const why = error instanceof Error ? error.message : String(error);
    if (why !== this.#toldProblem) this.log.warn(`requested samples wait: ${why}`);
    this.#toldProblem = why;
  }

  #readDataVersion(): boolean {
    const before = this.#dataVersion;
    this.#dataVersion = this.#database.prepare("PRAGMA data_version").get()?.["data_version"];
    return this.#dataVersion !== before;
  }

  #tell(): void {
    const changed = [...this.#changed];
    this.#changed.clear();
    const samples = changed.map((id) => this.#samples.get(id)).filter((sample) => sample !== null);
    if (samples.length < changed.length) this.#server.tellReload();
    if (samples.length > 0) this.#server.tell(samples);
    if (changed.length > 0) this.#showPane();
  }

  #showPane(): void {
    this.show({ title: "Sampler", lines: paneLines(this.#samples.running(), this.#samples.counts()) });
  }
}
