import { BoundedBytes } from '../base/bytes.js';

/** A signature of a list: EFI_SIGNATURE_DATA. */
export interface EfiSignature {
  /** GUID of the agent that added it. */
  readonly owner: string;
  /** A certificate or a digest, as the list's type says. Shared with the list. */
  readonly data: Uint8Array;
}

/** Signatures of one type: EFI_SIGNATURE_LIST. */
export interface EfiSignatureList {
  /** GUID of the type: {@link EFI_SIGNATURE_TYPES} names it. */
  readonly type: string;
  readonly signatures: readonly EfiSignature[];
}

/**
 * Types of signatures by their GUIDs, under the specification's names without `EFI_CERT_` and `_GUID` (UEFI
 * Specification 2.10, section 32.4.1).
 */
export const EFI_SIGNATURE_TYPES: ReadonlyMap<string, string> = new Map([
  ['a5c059a1-94e4-4aa7-87b5-ab155c2bf072', 'X509'],
  ['c1c41626-504c-4092-aca9-41f936934328', 'SHA256'],
  ['3bd2a492-96c0-4079-b420-fcf98ef103ed', 'X509_SHA256'],
  ['7076876e-80c2-4ee6-aad2-28b349a6865b', 'X509_SHA384'],
  ['446dbf63-2502-4cda-bcfa-2465d2b0fe9d', 'X509_SHA512'],
  ['826ca512-cf10-4ac9-b187-be01496631bd', 'SHA1'],
  ['0b6e5233-a65c-44c9-9407-d9ab83bfc8bd', 'SHA224'],
  ['ff3e5307-9fd0-48c9-85f1-8ad56c701e01', 'SHA384'],
  ['093e0fae-a6c4-4f50-9f1b-d41e2b89c19a', 'SHA512'],
  ['3c5766e8-269c-4e34-aa14-ed776e85b3b6', 'RSA2048'],
  ['67f8444f-8743-48f1-a328-1eaab8736080', 'RSA2048_SHA1'],
  ['e2b36190-879b-4a3d-ad8d-f2e7bba32784', 'RSA2048_SHA256'],
  ['452e8ced-dfff-4b8c-ae01-5118862e682c', 'EXTERNAL_MANAGEMENT'],
]);

const GUID_SIZE = 16;
const HEADER_SIZE = 28;

/** The largest dbx has a few hundred; the entries of a list need some 4 KiB each while they are read. */
const MAX_SIGNATURES = 16384;

/** Whether a signature list begins at an offset: by its type, or by sizes that fit. */
export function isEfiSignatureList(data: Uint8Array, offset: number): boolean {
  if (data.length - offset < HEADER_SIZE) return false;
  const bytes = boundedBytes(data);
  if (EFI_SIGNATURE_TYPES.has(readGuid(bytes, offset))) return true;
  const { listSize, headerSize, signatureSize } = readSizes(bytes, offset);
  return listSize <= data.length - offset && HEADER_SIZE + headerSize + signatureSize <= listSize;
}

/**
 * Parses signature lists, one after another, as UEFI keeps them in db and dbx, and shim in its MOK lists (UEFI
 * Specification 2.10, section 32.4.1). Empty data has no lists.
 *
 * The kernel uses the lists before the first malformed one, and logs an error (`parse_efi_signature_list()`); this
 * refuses all of them.
 *
 * @throws KexecError EBADMSG, `efi-signature-list`: the sizes do not fit each other or the data, or there are more than
 * 16384 signatures.
 */
export function parseEfiSignatureLists(data: Uint8Array): EfiSignatureList[] {
  const bytes = boundedBytes(data);
  const lists: EfiSignatureList[] = [];
  let room = MAX_SIGNATURES;
  for (let start = 0; start < data.length; ) {
    bytes.slice(start, HEADER_SIZE, 'the header of a list');
    const { listSize, headerSize, signatureSize } = readSizes(bytes, start);
    bytes.slice(start, listSize, 'a list');
    const size = listSize - HEADER_SIZE - headerSize;
    if (signatureSize < GUID_SIZE || size < signatureSize || size % signatureSize !== 0) {
      bytes.fail(
        `a list of ${listSize} bytes with a header of ${headerSize} and signatures of ${signatureSize}`,
        start + GUID_SIZE,
      );
    }
    room -= size / signatureSize;
    if (room < 0) bytes.fail(`more than ${MAX_SIGNATURES} signatures`, start);
    const end = start + listSize;
    const signatures: EfiSignature[] = [];
    for (let at = end - size; at < end; at += signatureSize) {
      signatures.push({
        owner: readGuid(bytes, at),
        data: data.subarray(at + GUID_SIZE, at + signatureSize),
      });
    }
    lists.push({ type: readGuid(bytes, start), signatures });
    start = end;
  }
  return lists;
}

/** Reads a GUID as text: three little-endian numbers and eight bytes. */
export function readGuid(bytes: BoundedBytes, offset: number): string {
  const digits = (value: number, width: number) => value.toString(16).padStart(width, '0');
  const tail = Array.from(bytes.slice(offset + 8, 8, 'a GUID'), (byte) => digits(byte, 2)).join('');
  return [
    digits(bytes.u32le(offset), 8),
    digits(bytes.u16le(offset + 4), 4),
    digits(bytes.u16le(offset + 6), 4),
    tail.slice(0, 4),
    tail.slice(4),
  ].join('-');
}

function readSizes(bytes: BoundedBytes, offset: number) {
  return {
    listSize: bytes.u32le(offset + GUID_SIZE),
    headerSize: bytes.u32le(offset + GUID_SIZE + 4),
    signatureSize: bytes.u32le(offset + GUID_SIZE + 8),
  };
}

function boundedBytes(data: Uint8Array): BoundedBytes {
  return new BoundedBytes(data, {
    what: 'EFI signature list',
    check: 'efi-signature-list',
    errno: 'EBADMSG',
  });
}
