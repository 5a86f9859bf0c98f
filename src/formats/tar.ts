/**
 * Reads the headers of a tar: "Extended Tar Format" of pax in POSIX.1-2017, and the additions of GNU tar. Nothing is
 * unpacked.
 */
import { decodeLatin1 } from '../base/bytes.js';
import { hasText } from './foreign/foreign-file.js';

const BLOCK = 512;
const MAGIC_OFFSET = 257;

/** The parts of a header, in bytes. */
const NAME = { start: 0, size: 100 };
const SIZE = { start: 124, size: 12 };
const TYPE = 156;

/** The types of files and of folders. The others are links, devices, and headers for the next member. */
const FILE_TYPES: ReadonlySet<string> = new Set(['0', '\0', '7']);
const GNU_LONG_NAME = 'L';
const PAX_HEADER = 'x';

/** A member of a tar, which may be a header for the one after it. */
export interface TarMember {
  /** Its path, as in its own header. */
  readonly name: string;
  /** `0` or NUL for a file, `5` for a folder, `x` for a header of pax. */
  readonly type: string;
  /** In bytes; undefined if it is not in octal digits, as every size below 8 GiB is. */
  readonly size: number | undefined;
  /** Its contents, shared with the archive, and cut short with it. */
  readonly body: Uint8Array;
}

/** Whether a file is a tar. */
export function isTar(file: Uint8Array): boolean {
  return hasText(file, MAGIC_OFFSET, 'ustar');
}

/** Walks over the members of a tar, up to two blocks of zeros, the end of the file, or a size that cannot be read. */
export function* walkTar(archive: Uint8Array): Generator<TarMember> {
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return;
    const size = readSize(header);
    yield {
      name: readText(header, NAME),
      type: String.fromCharCode(header[TYPE] ?? 0),
      size,
      body: archive.subarray(at + BLOCK, at + BLOCK + (size ?? 0)),
    };
    if (size === undefined) return;
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
}

/** A file in a tar. */
export interface TarFile {
  readonly name: string;
  readonly size: number;
}

/** Lists the files in a tar, with their whole names. @param maxFiles - how many are listed */
export function listTarFiles(archive: Uint8Array, maxFiles: number): TarFile[] {
  const files: TarFile[] = [];
  let longName: string | undefined;
  for (const { name, type, size = 0, body } of walkTar(archive)) {
    if (type === GNU_LONG_NAME) longName = decodeLatin1(body).replace(/\0.*$/s, '');
    else if (type === PAX_HEADER)
      longName = /^\d+ path=(.*)$/m.exec(new TextDecoder().decode(body))?.[1] ?? longName;
    else {
      if (FILE_TYPES.has(type)) files.push({ name: longName ?? name, size });
      longName = undefined;
      if (files.length === maxFiles) break;
    }
  }
  return files;
}

/** Reads the size of a member in bytes. */
function readSize(header: Uint8Array): number | undefined {
  const digits = readText(header, SIZE).trim();
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined;
}

function readText(header: Uint8Array, { start, size }: typeof NAME): string {
  const end = header.indexOf(0, start);
  return decodeLatin1(header, start, Math.min(end < 0 ? start + size : end, start + size));
}
