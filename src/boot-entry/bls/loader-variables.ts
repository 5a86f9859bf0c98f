import type { EntryFiles } from '../entry-files.js';

/** The vendor of the variables by which boot loader and system talk: systemd, Boot Loader Interface. */
const VENDOR = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f';

const FOLDER = '/sys/firmware/efi/efivars';

/** efivarfs puts four bytes of attributes before the value. */
const ATTRIBUTES_BYTES = 4;

/** Reads a text in UTF-16 out of a variable of the boot loader. @returns undefined if there is none, or an empty one */
export function readLoaderVariable(files: EntryFiles, name: string): string | undefined {
  const bytes = files.readBytes(`${FOLDER}/${name}-${VENDOR}`);
  if (bytes === undefined) return undefined;
  const text = new TextDecoder('utf-16le').decode(bytes.subarray(ATTRIBUTES_BYTES)).replace(/\0.*$/s, '');
  return text === '' ? undefined : text;
}
