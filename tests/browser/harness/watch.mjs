// What goes wrong in a browser beside what a test asks: errors on the console, uncaught exceptions, and
// what the content security policy forbade, in pages and in their workers.

export class Watch {
  // `reports` is the server's.
  constructor(context, reports) {
    this.reports = reports;
    this.problems = [];
    this.#pages(context);
  }

  #pages(context) {
    const note = (kind, text) => this.problems.push(`${kind}: ${text}`);
    context.on("console", (message) => {
      if (message.type() !== "error") return;
      note("console", `${message.text()} (${message.location().url})`);
    });
    context.on("weberror", (web) => note("uncaught", web.error().stack ?? web.error()));
  }

  // What has gone wrong since this was last asked.
  take() {
    const forbidden = this.reports.splice(0).map((report) => `policy: ${report}`);
    return [...this.problems.splice(0), ...forbidden];
  }
}
