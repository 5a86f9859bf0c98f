/** BL, without the 26 bits of its operand. */
const BL = 0x94000000;
/** ADRP without register and operand, and the mask of its opcode. */
const ADRP = 0x90000000;
const ADRP_MASK = 0x9f000000;

/**
 * Reverts xz's filter for arm64 in place (the .xz file format 1.2.1, section 5.3.2; xz's simple/arm64.c, 0BSD). The
 * filter makes the operands of BL and ADRP absolute, so that references to the same target have the same bytes.
 *
 * @param start - the address of the first byte in the filter's count
 */
export function unfilterArm64(bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const instruction = view.getUint32(at, true);
    const address = (start + at) | 0;
    if (instruction >>> 26 === BL >>> 26) {
      view.setUint32(at, BL | ((instruction - (address >>> 2)) & 0x03ffffff), true);
    } else if ((instruction & ADRP_MASK) >>> 0 === ADRP) {
      const page = ((instruction >>> 29) & 3) | ((instruction >>> 3) & 0x001ffffc);
      // Only pages within 512 MiB are filtered.
      if (((page + 0x00020000) & 0x001c0000) !== 0) continue;
      const target = page - (address >>> 12);
      const operand =
        ((target & 3) << 29) | ((target & 0x0003fffc) << 3) | (-(target & 0x00020000) & 0x00e00000);
      view.setUint32(at, (instruction & 0x9000001f) | operand, true);
    }
  }
}
