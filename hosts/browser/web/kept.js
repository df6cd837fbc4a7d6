// What a home needs before its store is open, in this origin's database (IndexedDB).
//
// The keys are encrypted with AES-GCM by a key that the browser keeps and gives to nobody (it is not
// extractable). Whoever copies the browser's files has to have its user's session too; whoever runs
// code of this origin could use the keys, as anywhere.

const DATABASE = "myrhiza";
const TABLE = "rows";
const KEYS = "keys";
const RELAYS = "relays";
const STORE = "store";
const OPENING = "opening";

// Ties what was encrypted to what it is for.
const additionalData = new TextEncoder().encode("myrhiza home keys 1");

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function within(mode, what) {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  const database = await done(request);
  try {
    // What is kept survives whatever ends the browser from then on.
    const transaction = database.transaction(TABLE, mode, { durability: "strict" });
    const committed = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve;
      transaction.onabort = () => reject(transaction.error);
    });
    // Where the request fails, that is what is thrown, and nobody waits for this.
    committed.catch(() => {});
    const result = await done(what(transaction.objectStore(TABLE)));
    await committed;
    return result;
  } finally {
    database.close();
  }
}

function get(name) {
  return within("readonly", (table) => table.get(name));
}

async function put(name, row) {
  await within("readwrite", (table) => table.put(row, name));
}

/** The key file, or undefined where there is none yet. */
export async function keys() {
  const row = await get(KEYS);
  if (row === undefined) return undefined;
  const { key, iv, sealed } = row;
  const way = { name: "AES-GCM", iv, additionalData };
  return new Uint8Array(await crypto.subtle.decrypt(way, key, sealed));
}

/** Keeps a key file. */
export async function keepKeys(file) {
  const usages = ["encrypt", "decrypt"];
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, usages);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, file);
  file.fill(0);
  await put(KEYS, { key, iv, sealed });
}

/** The URLs of the relays this home is reached through. */
export async function relays() {
  return (await get(RELAYS)) ?? [];
}

/** Keeps these. */
export async function keepRelays(urls) {
  await put(RELAYS, urls);
}

/** The folder of the store that was last opened, or undefined. */
export function opened() {
  return get(STORE);
}

/** Whether there are files in a folder of this site. */
export async function isThere(folder) {
  try {
    let at = await navigator.storage.getDirectory();
    for (const name of folder.split("/")) at = await at.getDirectoryHandle(name);
    for await (const entry of at.values()) {
      if (entry.kind === "file" && (await entry.getFile()).size > 0) return true;
    }
  } catch (error) {
    if (error.name !== "NotFoundError") throw error;
  }
  return false;
}

/** Notes that the store is about to be opened; how many times before that did not come to an end. */
export async function begins() {
  const before = (await get(OPENING)) ?? 0;
  // Where there is no room for it the home is opened all the same.
  await put(OPENING, before + 1).catch(() => {});
  return before;
}

/** Notes that it was opened, or was not for a reason that is known. */
export async function ended(folder) {
  if ((await get(OPENING)) !== 0) await put(OPENING, 0).catch(() => {});
  if (folder !== undefined && (await get(STORE)) !== folder) await put(STORE, folder).catch(() => {});
}
