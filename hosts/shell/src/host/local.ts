// A node's local API, which also served this page.

import { type Fault, type Hearer, type Host, type Method, Refused } from "./interface.js";
import { lines } from "./lines.js";
import type { Answers, Params } from "./methods.js";
import type { Notice } from "./notices.js";

const HEADER = "x-myrhiza-token";
/** Milliseconds before a lost node is asked for again, at first and at most. */
const WAIT = { first: 250, most: 4000 };

const UNREACHED: Fault = {
  code: "node",
  what: "The node is not reached",
  cause: "it does not answer",
  next: "This page tries again by itself. If the node was stopped, start it with “myrhiza up” and open the address that it prints.",
};
const OLD_TOKEN: Fault = {
  code: "token",
  what: "The node does not let this page in",
  cause: "the node was started again since, or the address was not copied whole",
  next: "Open the address that it has now: “myrhiza ui” prints it whole.",
};

export class LocalApi implements Host {
  readonly kind = "node";

  constructor(private readonly token: string) {}

  async call<M extends Method>(method: M, params: Params[M]): Promise<Answers[M]> {
    const body = JSON.stringify({ method, params });
    const headers = { "content-type": "application/json" };
    const answer = await this.ask("v1/shell", { method: "POST", body, headers });
    const said: unknown = await answer.json();
    if (answer.ok) return said as Answers[M];
    throw new Refused((said as { error: Fault }).error);
  }

  events(hearer: Hearer): () => void {
    const ended = new AbortController();
    void this.listen(hearer, ended.signal);
    return () => ended.abort();
  }

  private async ask(path: string, init: RequestInit): Promise<Response> {
    const headers = { ...init.headers, [HEADER]: this.token };
    let answer: Response;
    try {
      answer = await fetch(path, { ...init, headers, cache: "no-store", credentials: "omit" });
    } catch {
      throw new Refused(UNREACHED);
    }
    if (answer.status === 401) throw new Refused(OLD_TOKEN);
    const json = answer.headers.get("content-type")?.includes("json") ?? false;
    if (!answer.ok && !json) throw new Refused({ ...UNREACHED, cause: `it answers with ${answer.status}` });
    return answer;
  }

  private async listen(hearer: Hearer, signal: AbortSignal): Promise<void> {
    let wait = WAIT.first;
    while (!signal.aborted) {
      let why = UNREACHED;
      try {
        const answer = await this.ask("v1/events", { signal });
        for await (const line of lines(answer)) {
          const notice = JSON.parse(line) as Notice;
          if (notice.kind === "here") {
            wait = WAIT.first;
            hearer.reach("here", null);
          } else {
            hearer.notice(notice);
          }
        }
      } catch (error) {
        if (error instanceof Refused) why = error.fault;
      }
      if (signal.aborted) return;
      hearer.reach("lost", why);
      await new Promise((resolve) => setTimeout(resolve, wait));
      wait = Math.min(wait * 2, WAIT.most);
    }
  }
}
