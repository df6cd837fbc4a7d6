// Starts workers and passes calls on to them. The tests call `workers` from outside.

class Workers {
  #all = new Map();
  #started = 0;

  // Resolves to the worker's number when its module is loaded.
  async start(module) {
    this.#started += 1;
    const id = this.#started;
    const worker = new Worker(`worker.js?module=${encodeURIComponent(module)}`, { type: "module" });
    const entry = { worker, told: 0, calls: 0, waiting: new Map(), heard: () => {} };
    this.#all.set(id, entry);
    const loaded = new Promise((resolve) => entry.waiting.set(0, resolve));
    worker.onmessage = ({ data }) => {
      if ("told" in data) {
        entry.told = data.told;
        entry.heard();
        return;
      }
      entry.waiting.get(data.call)?.(data.outcome);
      entry.waiting.delete(data.call);
    };
    worker.onerror = (event) => {
      const error = { name: "Error", message: event.message ?? "the worker could not be loaded" };
      for (const waiting of entry.waiting.values()) waiting({ error });
      entry.waiting.clear();
    };
    const outcome = await loaded;
    if ("error" in outcome) throw new Error(outcome.error.message);
    return id;
  }

  call(id, name, parameters) {
    const entry = this.#all.get(id);
    entry.calls += 1;
    const call = entry.calls;
    const outcome = new Promise((resolve) => entry.waiting.set(call, resolve));
    entry.worker.postMessage({ call, name, parameters });
    return outcome;
  }

  async begin(id, name, parameters, least) {
    const entry = this.#all.get(id);
    const enough = new Promise((resolve) => {
      entry.heard = () => entry.told >= least && resolve();
    });
    const ended = this.call(id, name, parameters).then((outcome) => {
      throw new Error(outcome.error?.message ?? `${name} returned`);
    });
    await Promise.race([enough, ended]);
    // Nobody asks how the call ended, which the worker's end ends.
    ended.catch(() => {});
  }

  // What a worker told last.
  told(id) {
    return this.#all.get(id).told;
  }

  async end(id, after) {
    const entry = this.#all.get(id);
    await new Promise((resume) => setTimeout(resume, after));
    entry.worker.terminate();
    this.#all.delete(id);
    return entry.told;
  }
}

globalThis.workers = new Workers();
