// In a capture kernel: writes the ELF core header that it was given to standard output, out of /proc/kcore.

const fs = require('node:fs');

const PT_LOAD = 1;
const property = fs.readFileSync('/proc/device-tree/chosen/linux,elfcorehdr');
const [address, length] = [property.readBigUInt64BE(0), property.readBigUInt64BE(8)];

const file = fs.openSync('/proc/kcore');
const read = (at, size) => {
  const bytes = Buffer.alloc(Number(size));
  fs.readSync(file, bytes, 0, bytes.length, at);
  return bytes;
};

const header = read(0n, 64n);
const [table, entrySize, count] = [
  header.readBigUInt64LE(32),
  header.readUInt16LE(54),
  header.readUInt16LE(56),
];
for (let index = 0; index < count; index += 1) {
  const entry = read(table + BigInt(index * entrySize), entrySize);
  const [offset, physical, size] = [8, 24, 32].map((at) => entry.readBigUInt64LE(at));
  if (entry.readUInt32LE(0) !== PT_LOAD || address < physical || address + length > physical + size) continue;
  process.stdout.write(read(offset + address - physical, length));
  process.exit();
}
throw new Error(`/proc/kcore has no memory at 0x${address.toString(16)}`);
