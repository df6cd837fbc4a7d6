// A handle used by hand, without the lock that the store asks for, as no good neighbour does.

export default async function () {}

let handle;

export async function take(folder, name) {
  const root = await navigator.storage.getDirectory();
  const directory = await root.getDirectoryHandle(folder, { create: true });
  const file = await directory.getFileHandle(name, { create: true });
  handle = await file.createSyncAccessHandle();
}

// Closes it after so many milliseconds, and returns at once.
export function leave(after) {
  setTimeout(() => handle.close(), after);
}

// Milliseconds that each of so many writes of a page takes, with a flush after it: the least that any
// store must pay.
export function pages(count) {
  const page = new Uint8Array(4096);
  const start = performance.now();
  for (let number = 0; number < count; number += 1) {
    handle.write(page, { at: number * page.length });
    handle.flush();
  }
  return (performance.now() - start) / count;
}
