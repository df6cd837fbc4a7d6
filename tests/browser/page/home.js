// A page that has a home's worker and no shell: what tests ask goes to the worker as it is.
//
// `?store=` names the store. `ask(method, params)` resolves to the answer, or rejects with the error as
// JSON; `heard` has what was told unasked.

let worker;
const open = new Map();
let next = 0;

globalThis.heard = [];
globalThis.ended = null;
globalThis.ask = (method, params = {}) =>
  new Promise((resolve, reject) => {
    open.set(next, { resolve, reject });
    worker.postMessage({ id: next++, method, params });
  });
globalThis.terminate = () => worker.terminate();
globalThis.wake = () => worker.postMessage({ awake: true });

function start() {
  worker = new Worker(`../peer/worker.js${location.search}`, { type: "module" });
  worker.onmessage = ({ data }) => {
    if (!("id" in data)) {
      globalThis.heard.push(data);
      if (data.anew) start();
      return;
    }
    const { resolve, reject } = open.get(data.id);
    open.delete(data.id);
    if (data.error) reject(new Error(JSON.stringify(data.error)));
    else resolve(data.answer);
  };
  worker.onerror = (event) => {
    globalThis.ended = event.message ?? "ended";
  };
}

start();
addEventListener("online", globalThis.wake);
