// Loads a module that wasm-bindgen made, and calls its exports.

// The module's way to say how far a call has come.
globalThis.tell = (told) => postMessage({ told });

function explained(error) {
  const { name = "Error", message = String(error), stack } = Object(error);
  return { name, message: name === "Error" ? message : `${name}: ${message}`, stack };
}

// Bytes are given by where they lie, and told as numbers.
async function given(parameter) {
  if (parameter?.file === undefined) return parameter;
  const response = await fetch(parameter.file);
  if (!response.ok) throw new Error(`${parameter.file}: ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);

async function outcome(run) {
  try {
    return { value: plain(await run()) };
  } catch (error) {
    return { error: explained(error) };
  }
}

let module;
const loaded = await outcome(async () => {
  module = await import(new URL(location.href).searchParams.get("module"));
  await module.default();
  return true;
});
postMessage({ call: 0, outcome: loaded });

addEventListener("message", async ({ data: { call, name, parameters } }) => {
  const told = await outcome(async () => {
    const all = await Promise.all(parameters.map(given));
    return module[name](...all);
  });
  postMessage({ call, outcome: told });
});
