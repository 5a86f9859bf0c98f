import type { EntryFiles } from '../../src/boot-entry/entry-files.js';

/** A machine's files for tests: the text or the bytes of each path; a value `-> PATH` is a symbolic link. */
export function buildEntryFiles(
  contents: Readonly<Record<string, string | Uint8Array>>,
  architecture: string | undefined = 'aa64',
): EntryFiles {
  const follow = (path: string): string => {
    const found = contents[path];
    const link = typeof found === 'string' ? /^-> (.*)$/.exec(found)?.[1] : undefined;
    return link === undefined ? path : follow(link);
  };
  const read = (path: string): string | Uint8Array | undefined => contents[follow(path)];
  return {
    readText: (path) => {
      const found = read(path);
      return found instanceof Uint8Array ? new TextDecoder().decode(found) : found;
    },
    readBytes: (path) => {
      const found = read(path);
      return typeof found === 'string' ? new TextEncoder().encode(found) : found;
    },
    listFolder: (path) =>
      [
        ...new Set(
          Object.keys(contents)
            .filter((each) => each.startsWith(`${path}/`))
            .map((each) => each.slice(path.length + 1).split('/')[0] ?? ''),
        ),
      ].toSorted(),
    isFile: (path) => read(path) !== undefined,
    followLink: follow,
    architecture,
  };
}

/** The value of an EFI variable of the boot loader, as efivarfs has it. */
export function encodeLoaderVariable(text: string): Uint8Array {
  const bytes = new Uint8Array(4 + 2 * (text.length + 1));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 6, true);
  for (let at = 0; at < text.length; at += 1) view.setUint16(4 + 2 * at, text.charCodeAt(at), true);
  return bytes;
}

/** The path of such a variable. */
export function loaderVariablePath(name: string): string {
  return `/sys/firmware/efi/efivars/${name}-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f`;
}
