// A turn for whatever else waits in this worker: messages of the page, of sockets, timers. A timer
// of no time would be made to wait four milliseconds; a message to oneself is not.

const { port1, port2 } = new MessageChannel();
const waiting = [];
port1.onmessage = () => waiting.shift()?.();

/** Resolves once what waited before has had its turn. */
export function turn() {
  return new Promise((resolve) => {
    waiting.push(resolve);
    port2.postMessage(0);
  });
}
