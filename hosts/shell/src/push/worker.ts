// What runs when a server wakes this browser for an app: it says so, and leads to the page. What the
// server sends is not shown: anybody could have written it.

interface Woken {
  waitUntil(done: Promise<unknown>): void;
}
interface Clicked extends Woken {
  readonly notification: { close(): void };
}
interface Scope {
  readonly registration: { showNotification(title: string, options: { body: string; tag: string }): Promise<void> };
  readonly clients: { openWindow(url: string): Promise<unknown> };
  readonly location: { readonly href: string };
  addEventListener(type: "push", heard: (event: Woken) => void): void;
  addEventListener(type: "notificationclick", heard: (event: Clicked) => void): void;
}

const scope = self as unknown as Scope;

scope.addEventListener("push", (event) => {
  event.waitUntil(scope.registration.showNotification("Myrhiza", { body: "An app has something new for you.", tag: "push" }));
});
scope.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(scope.clients.openWindow(new URL("./", scope.location.href).href));
});
