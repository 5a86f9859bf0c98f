/**
 * The members of a tar by their type: "Extended Tar Format" of pax in POSIX.1-2017, and the additions of GNU tar. The
 * library that unpacks tars takes members of unknown types for files.
 */
import { decodeLatin1 } from '../../base/bytes.js';

const BLOCK = 512;
const SIZE_OFFSET = 124;
const TYPE_OFFSET = 156;

/** Files and folders, and the headers that bring names which are too long for the members' own. */
const PLAIN_TYPES: ReadonlySet<string> = new Set(['0', '\0', '5', 'x', 'g', 'L', 'K']);

/** The names of other types. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a FIFO',
  '7': 'a contiguous file',
  M: 'a part of a file that continues in another archive',
  S: 'a sparse file of GNU tar',
};

/** Records of pax that change how a member's contents are read. */
const CONTENT_RECORDS = /^\d+ (size|GNU\.sparse\.[\w.]+)=/m;

/**
 * Finds a member that is neither a file nor a folder, or a file whose contents are not what the tar has between two
 * headers.
 *
 * @param archive - a tar that could be unpacked
 * @returns what it is; undefined if there is none
 */
export function findStrangeMember(archive: Uint8Array): string | undefined {
  let at = 0;
  while (at + BLOCK <= archive.length) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return undefined;
    const type = String.fromCharCode(header[TYPE_OFFSET] ?? 0);
    const name = readText(header, 0, 100);
    if (!PLAIN_TYPES.has(type))
      return `${name} is ${TYPE_NAMES[type] ?? `a member of type ${JSON.stringify(type)}`}`;
    const size = readSize(header);
    if (size === undefined || (type === '5' && size > 0))
      return `the size of ${name} is not one that a tar of this size has`;
    const body = archive.subarray(at + BLOCK, at + BLOCK + size);
    const record = type === 'x' || type === 'g' ? CONTENT_RECORDS.exec(decodeLatin1(body))?.[1] : undefined;
    if (record !== undefined) return `a member has a record ${record}, as a sparse file of GNU tar`;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return undefined;
}

/** Reads the size of a member in bytes; undefined if it is not in octal digits, as every size below 8 GiB is. */
function readSize(header: Uint8Array): number | undefined {
  const digits = readText(header, SIZE_OFFSET, 12).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined;
}

function readText(header: Uint8Array, start: number, length: number): string {
  const end = header.indexOf(0, start);
  return decodeLatin1(header, start, Math.min(end < 0 ? start + length : end, start + length));
}
