import { decodeLatin1 } from '../../base/bytes.js';

const MAGIC = '#BOOTCONFIG\n';
/** Size and checksum, before the magic. */
const NUMBERS_SIZE = 8;
/** A boot loader may align the end of the initrd: Documentation/admin-guide/bootconfig.rst. */
const MAX_PADDING = 3;

/** Where an initrd ends: before a bootconfig at its end, which the kernel cuts off before it unpacks. */
export function findInitrdEnd(file: Uint8Array): number {
  for (let padding = 0; padding <= MAX_PADDING; padding += 1) {
    const numbers = file.length - padding - MAGIC.length - NUMBERS_SIZE;
    if (numbers < 0) break;
    const magicStart = numbers + NUMBERS_SIZE;
    if (decodeLatin1(file, magicStart, magicStart + MAGIC.length) !== MAGIC) continue;
    const size = new DataView(file.buffer, file.byteOffset).getUint32(numbers, true);
    if (size <= numbers) return numbers - size;
  }
  return file.length;
}
