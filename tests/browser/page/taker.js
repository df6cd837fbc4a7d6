// A module that has a file's handle and does not ask for the store's lock, as no good neighbour does.

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
