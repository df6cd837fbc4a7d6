// Workers of a page, called from here. Each has one module, whose exports are what can be called.

export class Tab {
  // Opens a page of the server's `page` folder that can start workers.
  static async open(context, origin) {
    const page = await context.newPage();
    await page.goto(`${origin}/page/index.html`);
    await page.waitForFunction(() => globalThis.workers !== undefined);
    return new Tab(page);
  }

  constructor(page) {
    this.page = page;
  }

  // Starts a worker with the module at that path; it is loaded when this resolves.
  async worker(module) {
    const id = await this.page.evaluate((module) => globalThis.workers.start(module), module);
    return new Subject(this.page, id);
  }

  close() {
    return this.page.close();
  }

  // Ends the tab's process as if it had crashed.
  async crash() {
    const session = await this.page.context().newCDPSession(this.page);
    const crashed = new Promise((crashed) => this.page.once("crash", crashed));
    // Never answered.
    session.send("Page.crash").catch(() => {});
    await crashed;
    await this.page.close();
  }
}

class Subject {
  constructor(page, id) {
    this.page = page;
    this.id = id;
  }

  // Calls an export, and resolves to what it returns. An argument `{ file: path }` becomes the bytes at
  // that path of the server.
  async call(name, ...parameters) {
    const outcome = await this.page.evaluate(
      ([id, name, parameters]) => globalThis.workers.call(id, name, parameters),
      [this.id, name, parameters],
    );
    if (outcome.error === undefined) return outcome.value;
    const error = new Error(outcome.error.message);
    error.name = outcome.error.name;
    throw error;
  }

  // Calls an export that does not return, and resolves when it has told `least`.
  begin(name, parameters, least = 1) {
    return this.page.evaluate(
      ([id, name, parameters, least]) => globalThis.workers.begin(id, name, parameters, least),
      [this.id, name, parameters, least],
    );
  }

  // What it told last.
  told() {
    return this.page.evaluate((id) => globalThis.workers.told(id), this.id);
  }

  // Ends the worker so many milliseconds from now, whatever it is at, and resolves to what it told last.
  end(after = 0) {
    return this.page.evaluate(
      ([id, after]) => globalThis.workers.end(id, after),
      [this.id, after],
    );
  }
}
