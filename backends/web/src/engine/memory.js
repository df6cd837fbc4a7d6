// Copies between a component's memory and this program's own.
//
// Short copies, which nearly all are, go byte by byte: a view of a part of memory is an object, and
// making it takes longer.

const SHORT = 64;

export class Memories {
  constructor(guest, own) {
    this.guest = guest;
    this.own = own;
    this.there = new Uint8Array(guest.buffer);
    this.here = new Uint8Array(own.buffer);
  }

  // The component's bytes. Memory that has grown leaves an empty array behind.
  size() {
    if (this.there.length === 0) this.there = new Uint8Array(this.guest.buffer);
    if (this.here.length === 0) this.here = new Uint8Array(this.own.buffer);
    return this.there.length;
  }

  // Both are false, and copy nothing, where that would leave the component's memory.
  load(at, to, length) {
    const within = at + length <= this.size();
    if (within) copy(this.there, at, this.here, to, length);
    return within;
  }

  store(at, from, length) {
    const within = at + length <= this.size();
    if (within) copy(this.here, from, this.there, at, length);
    return within;
  }
}

function copy(source, from, target, to, length) {
  if (length > SHORT) {
    target.set(source.subarray(from, from + length), to);
    return;
  }
  for (let i = 0; i < length; i += 1) target[to + i] = source[from + i];
}
