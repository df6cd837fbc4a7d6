// The page's policy takes no text for the address of a script. This lets its own workers through.

interface Policy {
  createScriptURL(url: string): unknown;
}
interface Factory {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy;
}

const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const OWN: readonly string[] = ["worker.js", "push.js"];
const own = (url: string): string => {
  if (!OWN.includes(url)) throw new TypeError(`${url} is no script of this page`);
  return url;
};
const policy = factory?.createPolicy("myrhiza", { createScriptURL: own });

/** The address of one of the page's own scripts, as the browser wants it. */
export function trustedScript(url: string): unknown {
  return policy ? policy.createScriptURL(url) : own(url);
}
