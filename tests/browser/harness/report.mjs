// Runs checks and prints a line for each.

export class Report {
  // `only`: what the names of the checks that are to run begin with.
  constructor(watch, only = "") {
    this.watch = watch;
    this.only = only;
    this.ran = 0;
    this.failed = 0;
  }

  wants(name) {
    return name.startsWith(this.only);
  }

  // True if it held: it threw nothing, took no longer than so many seconds, and nothing went wrong beside.
  async check(name, test, seconds = 120) {
    if (!this.wants(name)) return true;
    this.ran += 1;
    let failure;
    const start = performance.now();
    try {
      await within(seconds, test());
    } catch (error) {
      failure = error.stack ?? String(error);
    }
    const beside = this.watch.take();
    if (failure === undefined && beside.length === 0) {
      console.log(`ok      ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
      return true;
    }
    this.failed += 1;
    console.log(`FAILED  ${[name, failure, ...beside].filter(Boolean).join("\n        ")}`);
    return false;
  }
}

// What a promise comes to, or an error after so many seconds.
export async function within(seconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const error = new Error(`not done within ${seconds} s`);
    timer = setTimeout(() => reject(error), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
