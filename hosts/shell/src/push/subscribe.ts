// Subscribing to a server that may wake this browser (Push API). Where it cannot be had, that is told
// in words, for the app to show.

import type { Host } from "../host/interface.js";
import type { Hex, Reply } from "../host/methods.js";
import { trustedScript } from "../host/trusted.js";
import { fromHex } from "../parts/words.js";

const unavailable = (why: string): Reply => ({ kind: "unavailable", why });

/** What is answered where it cannot be, whatever the person says: they are not asked then. */
export function unwakable(host: Host["kind"]): Reply | null {
  if (host === "node") {
    return unavailable("this page belongs to a node, whose address changes: a server would not find it again");
  }
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) {
    return unavailable("this browser cannot be woken by a server");
  }
  return null;
}

/** Each app has a registration, and with it a subscription, of its own. */
const scopeOf = (bundle: Hex): string => `./push/${bundle}/`;

/** What came of it, for the app. */
export async function subscribe(bundle: Hex, serverKey: Hex): Promise<Reply> {
  if ((await Notification.requestPermission()) !== "granted") {
    return unavailable("the browser does not let this page show notifications");
  }
  try {
    const script = trustedScript("push.js") as string;
    const registration = await navigator.serviceWorker.register(script, { scope: scopeOf(bundle) });
    await active(registration);
    const key = fromHex(serverKey) as Uint8Array<ArrayBuffer>;
    const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    return { kind: "subscribed", subscription: JSON.stringify(subscription.toJSON()) };
  } catch (error) {
    return unavailable(`the browser did not subscribe: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Ends that of an app which is here no more: its server wakes nobody then. */
export async function unsubscribe(bundle: Hex): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const scope = new URL(scopeOf(bundle), document.baseURI).href;
  const registration = await navigator.serviceWorker.getRegistration(scope);
  // Where there is none, another's of a wider scope would be found.
  if (registration?.scope === scope) await registration.unregister();
}

/** Waits until the registration's worker runs: before, nothing subscribes. */
async function active(registration: ServiceWorkerRegistration): Promise<void> {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return;
  await new Promise<void>((resolve, reject) => {
    coming.addEventListener("statechange", () => {
      if (coming.state === "activated") resolve();
      if (coming.state === "redundant") reject(new Error("its worker did not start"));
    });
  });
}
