/** Fields of a setup header, by their names in boot.rst. */
export interface BzimageFields {
  readonly setupSects: number;
  readonly version: number;
  readonly loadflags: number;
  readonly xloadflags: number;
  readonly jump: number;
  readonly kernelAlignment: number;
  readonly cmdlineSize: number;
  readonly prefAddress: bigint;
  readonly initSize: number;
  readonly payloadOffset: number;
  readonly build: string;
  /** In bytes, behind the setup code. */
  readonly kernelSize: number;
  readonly payload: Uint8Array;
}

/** As Debian's cloud kernel has them; the kernel itself is 64 KiB of a pattern. */
export const BZIMAGE_FIELDS: BzimageFields = {
  setupSects: 39,
  version: 0x020f,
  loadflags: 1,
  xloadflags: 0x7f,
  jump: 0x6a,
  kernelAlignment: 0x20_0000,
  cmdlineSize: 2047,
  prefAddress: 0x100_0000n,
  initSize: 0x37d_c000,
  payloadOffset: 0x2cc,
  build: '6.12.1 (root@host) #1 SMP',
  kernelSize: 0x1_0000,
  payload: new Uint8Array(0),
};

/** Builds a bzImage without an EFI stub. */
export function buildBzimage(fields: Partial<BzimageFields> = {}): Uint8Array {
  const all = { ...BZIMAGE_FIELDS, ...fields };
  const setup = ((all.setupSects || 4) + 1) * 512;
  const bytes = new Uint8Array(setup + all.kernelSize).fill(0xaa, setup);
  const view = new DataView(bytes.buffer);
  const text = (value: string, at: number): void => bytes.set(new TextEncoder().encode(value), at);
  bytes[0x1f1] = all.setupSects;
  view.setUint16(0x1fe, 0xaa55, true);
  bytes.set([0xeb, all.jump], 0x200);
  text('HdrS', 0x202);
  view.setUint16(0x206, all.version, true);
  view.setUint16(0x20e, 0x300 - 0x200, true);
  text(`${all.build}\0`, 0x300);
  bytes[0x211] = all.loadflags;
  view.setUint32(0x22c, 0x7fff_ffff, true);
  view.setUint32(0x230, all.kernelAlignment, true);
  bytes.set([1, 21], 0x234);
  view.setUint16(0x236, all.xloadflags, true);
  view.setUint32(0x238, all.cmdlineSize, true);
  view.setUint32(0x248, all.payloadOffset, true);
  view.setUint32(0x24c, all.payload.length, true);
  view.setBigUint64(0x258, all.prefAddress, true);
  view.setUint32(0x260, all.initSize, true);
  if (all.payload.length > 0) bytes.set(all.payload, setup + all.payloadOffset);
  return bytes;
}
