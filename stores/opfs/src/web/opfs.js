// A file of the origin private file system, opened for one worker alone.
//
// The lock is taken first, for good manners: whoever waits for a handle can only try again and
// again, and who waits for a lock is told when it is free. A worker that was ended while it was busy holds
// both for some two seconds more.

// Between attempts to have the handle, in milliseconds.
const PAUSE = 25;

export class File {
  constructor(handle, release) {
    this.handle = handle;
    this.release = release;
  }

  // Waits so many milliseconds for whoever has the file. Rejects with a `DOMException`.
  static async acquire(folder, name, patience) {
    available();
    const deadline = performance.now() + patience;
    const release = await lock(`myrhiza-store-opfs/${folder}/${name}`, patience);
    try {
      return new File(await open(folder, name, deadline), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  size() {
    return this.handle.getSize();
  }

  // How many bytes were read, or written; fewer than were asked for at the end of the file, or where
  // there was no more room.
  read(bytes, at) {
    return this.handle.read(bytes, { at });
  }

  write(bytes, at) {
    return this.handle.write(bytes, { at });
  }

  truncate(size) {
    this.handle.truncate(size);
  }

  flush() {
    this.handle.flush();
  }

  close() {
    this.handle.close();
    this.release();
  }
}

function available() {
  const missing = (what) => new DOMException(what, "NotSupportedError");
  if (!navigator.storage?.getDirectory) throw missing("navigator.storage.getDirectory");
  if (!navigator.locks) throw missing("navigator.locks");
  if (!globalThis.FileSystemFileHandle?.prototype.createSyncAccessHandle) {
    throw missing("createSyncAccessHandle");
  }
}

// Resolves to what lets go of the lock.
function lock(name, patience) {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(patience);
    const held = () => new Promise((release) => resolve(release));
    navigator.locks.request(name, { signal }, held).catch(reject);
  });
}

async function open(folder, name, deadline) {
  let directory = await navigator.storage.getDirectory();
  for (const part of folder.split("/")) {
    directory = await directory.getDirectoryHandle(part, { create: true });
  }
  const file = await directory.getFileHandle(name, { create: true });
  for (;;) {
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      const taken = error.name === "NoModificationAllowedError";
      if (!taken || performance.now() > deadline) throw error;
    }
    await new Promise((resume) => setTimeout(resume, PAUSE));
  }
}
