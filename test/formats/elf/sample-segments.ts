/** Segments for tests: in high and low memory, off the pages, and without bytes. */
export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces));
}

export const KERNEL = {
  physicalAddress: 0x4020_0000n,
  bytes: new Uint8Array(5000).fill(1),
  memorySize: 0x3000n,
};
export const INITRD = {
  physicalAddress: 0x1_4800_0000n,
  bytes: new Uint8Array(4096).fill(2),
  memorySize: 0x1000n,
};
export const DTB = { physicalAddress: 0x4a00_0123n, bytes: new Uint8Array(77).fill(3), memorySize: 0x1000n };
export const NOTHING = { physicalAddress: 0x4b00_0000n, bytes: new Uint8Array(0), memorySize: 0x2000n };
