import { type ForeignFile, type ForeignKind, GIVE_THE_KERNEL, hasText, kind } from './foreign-file.js';

/** No header that is known here begins later. */
const HEAD_BYTES = 4096;

/** Texts, and files without contents. */
export const FOREIGN_TEXTS: readonly ForeignKind[] = [
  kind(
    'a web page: a download that failed, or of the page about the file',
    'download the file itself, and compare its checksum',
    [0, '<!DOCTYPE'],
    [0, '<!doctype'],
    [0, '<html'],
    [0, '<?xml'],
  ),
  kind('a pointer of Git LFS, not the file', 'git lfs pull fetches the file', [0, 'version https://git-lfs']),
  kind('a configuration of a kernel', 'give the kernel that was built by it', [
    0,
    '#\n# Automatically generated file; DO NOT EDIT.',
  ]),
  kind('a script', 'give the kernel file itself; a self-extracting script has to be run first', [0, '#!']),
  kind('a device tree in source form', 'compile it (dtc -O dtb); to load a kernel, give the kernel', [
    0,
    '/dts-v1/',
  ]),
  kind('a BLS entry of a boot loader', 'give the kernel that its line "linux" names', [0, 'title ']),
  {
    name: 'a file that begins with zeros',
    cure: 'give the kernel file itself; if this was one, fetch it again: its contents were never written, as on a full disk',
    matches: (bytes) => bytes.length > 0 && bytes.subarray(0, HEAD_BYTES).every((byte) => byte === 0),
  },
];

/** Texts of a machine by their first line, and what takes them. The first that matches counts. */
const MACHINE_TEXTS: readonly (readonly [pattern: RegExp, name: string, cure: string])[] = [
  [
    /^[0-9a-f]{8,16}-[0-9a-f]{8,16} : /,
    'a copy of /proc/iomem',
    'kexec-file machine record --from FOLDER takes it',
  ],
  [
    /^[0-9a-f]{8,16} [A-Za-z] \S+[\t\r\n]/,
    'a list of symbols: /proc/kallsyms or System.map',
    'kexec-file machine record --from FOLDER takes /proc/kallsyms',
  ],
  [/^(?:<\d+>)?\[ *\d+\.\d{6}\] /, 'a kernel log', 'kexec-file explain --log FILE explains it'],
  [/^\s*\{/, 'a JSON file', 'give the kernel; --machine takes a machine file (kexec-file machine record)'],
];

/** Fewer letters may be part of anything. */
const MIN_TEXT_BYTES = 5;

/** In characters. */
const MAX_SHOWN = 40;

/** Names a text by its first line. @returns undefined for files with other bytes than those of text */
export function nameText(bytes: Uint8Array): ForeignFile | undefined {
  const head = bytes.subarray(0, HEAD_BYTES);
  const isText =
    head.length >= MIN_TEXT_BYTES &&
    head.every((byte) => byte >= 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d);
  const text = isText ? decodeUtf8(head) : undefined;
  if (text === undefined || text.trim() === '') return undefined;
  const known = MACHINE_TEXTS.find(([pattern]) => pattern.test(text));
  if (known !== undefined) return { name: known[1], cure: known[2] };
  const characters = [...(text.trimStart().split(/[\r\n]/, 1)[0] ?? '')];
  const shown = characters.slice(0, MAX_SHOWN).join('') + (characters.length > MAX_SHOWN ? '…' : '');
  return { name: `a text file that begins with "${shown}"`, cure: GIVE_THE_KERNEL };
}

/** Decodes UTF-8, whose last character may be cut. @returns undefined for other bytes */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

/** Files that kexec-file takes elsewhere than as a kernel. */
export const OTHER_INPUTS: readonly ForeignKind[] = [
  kind('a cpio archive: an initrd', 'give it with --initrd, and a kernel as FILE', [0, '07070']),
  kind('a device tree', 'give a kernel; the machine has its own device tree (machine record --dtb)', [
    0,
    '\xd0\x0d\xfe\xed',
  ]),
  {
    name: 'a machine file',
    cure: 'give it with --machine, and a kernel as FILE',
    matches: (bytes) =>
      hasText(bytes, 0, '{') && hasText(bytes, bytes.indexOf(0x22) + 1, 'kexecFileMachine"'),
  },
];
