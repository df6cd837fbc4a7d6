// What can be wrong with a home in a browser that its kernel does not know of, in words for the person at
// the page.

/** What was asked of a tab that sleeps, which will not do it any more. */
export const ASLEEP = {
  code: "asleep",
  what: "nothing was done",
  cause: "this browser's home runs in another tab of this page, which the browser has put to sleep",
  next: "go to that tab, or close it; this one goes on by itself then",
};

/** It may have been done. */
export function interrupted(cause) {
  return {
    code: "interrupted",
    what: "it is not known whether that was done",
    cause,
    next: "look whether it was, and do it again if not",
  };
}

export const OTHER_BUILD = {
  code: "version",
  what: "this page was not started",
  cause: "another tab has an older or newer version of this page open",
  next: "close the other tabs of this page, and load this one again",
};

/** The program itself was not loaded whole, or its parts are of different builds. */
export function notLoaded(error) {
  return {
    code: "build",
    what: "this page was not started",
    cause: `the program was not loaded (${error?.message ?? error})`,
    next: "see whether there is a network, and load the page again; if that does not help, tell who serves it",
  };
}

/** As JSON, like what the kernel refuses. */
export function refused(code, what, cause, next) {
  return JSON.stringify({ code, what, cause, next });
}

/** No relay of this home is reached. */
export function relaysAway(urls) {
  const several = urls.length > 1;
  return {
    code: "relay-away",
    what: "nobody is reached",
    cause: `${urls.join(", ")} ${several ? "do" : "does"} not answer: the relay is down, or this network lets nobody there`,
    next: "go on: what you do is kept, and sent once it answers. If it stays away, ask who runs it, or add another under Peers",
  };
}

export const OFFLINE = {
  code: "offline",
  what: "nobody is reached",
  cause: "this browser has no network",
  next: "go on: what you do is kept, and sent once there is one",
};

/** What a program on its own machine is told to do, in words for who is at a page. */
export function forPage(error) {
  if (error.code !== "update-needed") return error;
  return { ...error, next: "load this page again; if that does not help, ask who serves it for a newer one" };
}
