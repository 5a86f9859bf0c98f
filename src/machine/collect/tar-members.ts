/** The members of a tar by their type. The library that unpacks tars takes members of unknown types for files. */
import { decodeLatin1 } from '../../base/bytes.js';
import { walkTar } from '../../formats/tar.js';

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
  for (const { name, type, size, body } of walkTar(archive)) {
    if (!PLAIN_TYPES.has(type))
      return `${name} is ${TYPE_NAMES[type] ?? `a member of type ${JSON.stringify(type)}`}`;
    if (size === undefined || (type === '5' && size > 0))
      return `the size of ${name} is not one that a tar of this size has`;
    const record = type === 'x' || type === 'g' ? CONTENT_RECORDS.exec(decodeLatin1(body))?.[1] : undefined;
    if (record !== undefined) return `a member has a record ${record}, as a sparse file of GNU tar`;
  }
  return undefined;
}
