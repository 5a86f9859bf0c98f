import { concatenate } from '../../src/base/bytes.js';
import { EM_AARCH64, ET_DYN } from '../../src/formats/elf/format.js';
import { buildNote } from './crashed-kernel.js';

const SHT_NOTE = 7;

/** An ELF file of symbols: a vmlinux of which only the section with its build id is there. */
export function buildVmlinuxSymbols(
  buildId: string,
  { type = ET_DYN, machine = EM_AARCH64 } = {},
): Uint8Array {
  const notes = buildNote('GNU', 3, new Uint8Array(Buffer.from(buildId, 'hex')));
  const bytes = concatenate([new Uint8Array(64), notes, new Uint8Array(2 * 64)]);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  const sections = 64 + notes.length;
  view.setBigUint64(40, BigInt(sections), true);
  view.setUint16(52, 64, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 2, true);
  view.setUint32(sections + 64 + 4, SHT_NOTE, true);
  view.setBigUint64(sections + 64 + 24, 64n, true);
  view.setBigUint64(sections + 64 + 32, BigInt(notes.length), true);
  return bytes;
}
