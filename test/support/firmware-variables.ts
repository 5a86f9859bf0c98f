import { encodeGuid } from './efi.js';

/** A variable of UEFI firmware. */
export interface FirmwareVariable {
  readonly name: string;
  /** GUID of its vendor. */
  readonly vendor: string;
  readonly attributes: number;
  readonly data: Uint8Array;
}

/**
 * UEFI Specification 2.10, section 8.2: for boot services and at run time; kept when the machine is switched off; updates
 * must be signed.
 */
export const ATTRIBUTES = { volatile: 0x06, kept: 0x07, signed: 0x27 } as const;

export const VENDOR = {
  /** EFI_GLOBAL_VARIABLE: PK and KEK. */
  global: '8be4df61-93ca-11d2-aa0d-00e098032b8c',
  /** EFI_IMAGE_SECURITY_DATABASE_GUID: db and dbx. */
  security: 'd719b2cb-3d3a-4596-a3bc-dad00e67656f',
  /** SHIM_LOCK_GUID: shim's variables. */
  shim: '605dab50-e046-4300-abb6-3dd810dd8b23',
} as const;

/**
 * The formats of EDK2: a firmware volume (MdePkg/Include/Pi/PiFirmwareVolume.h) with a store of authenticated variables
 * (MdeModulePkg/Include/Guid/VariableFormat.h). Offsets and sizes are in bytes.
 */
const VOLUME = { signature: 0x28, headerLength: 0x30 } as const;
const STORE = { guid: 'aaf32c78-947b-439a-a180-2e144ec37792', size: 16, headerLength: 28 } as const;
const ENTRY = {
  id: 0x55aa,
  added: 0x3f,
  attributes: 4,
  nameLength: 36,
  dataLength: 40,
  vendor: 44,
  headerLength: 60,
} as const;

/**
 * Adds variables to a file with a firmware's variables, whatever the firmware's keys say.
 *
 * @param template - the file of a firmware that has not run yet
 * @throws Error for a file of another format, and if there is no room
 */
export function addVariables(template: Uint8Array, variables: readonly FirmwareVariable[]): Uint8Array {
  const file = Buffer.from(template);
  const start = file.readUInt16LE(VOLUME.headerLength);
  const isKnown =
    file.toString('latin1', VOLUME.signature, VOLUME.signature + 4) === '_FVH' &&
    file.subarray(start, start + 16).equals(encodeGuid(STORE.guid));
  if (!isKnown) throw new Error("no firmware's authenticated variables");
  const end = start + file.readUInt32LE(start + STORE.size);
  let at = start + STORE.headerLength;
  while (file.readUInt16LE(at) === ENTRY.id) {
    const length = file.readUInt32LE(at + ENTRY.nameLength) + file.readUInt32LE(at + ENTRY.dataLength);
    at = align(at + ENTRY.headerLength + length);
  }
  for (const entry of variables.map(encodeEntry)) {
    if (at + entry.length > end) throw new Error("no room for a firmware's variables");
    entry.copy(file, at);
    at = align(at + entry.length);
  }
  return new Uint8Array(file);
}

function align(offset: number): number {
  return (offset + 3) & ~3;
}

function encodeEntry({ name, vendor, attributes, data }: FirmwareVariable): Buffer {
  const header = Buffer.alloc(ENTRY.headerLength);
  const nameBytes = Buffer.from(`${name}\0`, 'utf16le');
  header.writeUInt16LE(ENTRY.id, 0);
  header.writeUInt8(ENTRY.added, 2);
  header.writeUInt32LE(attributes, ENTRY.attributes);
  header.writeUInt32LE(nameBytes.length, ENTRY.nameLength);
  header.writeUInt32LE(data.length, ENTRY.dataLength);
  header.set(encodeGuid(vendor), ENTRY.vendor);
  return Buffer.concat([header, nameBytes, data]);
}
