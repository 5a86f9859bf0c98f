/** The first line of a block of GRUB's environment. */
const SIGNATURE = '# GRUB Environment Block';

/**
 * Parses GRUB's environment block (GNU GRUB manual, "The GRUB environment block"): `NAME=VALUE` a line, in which a
 * backslash keeps the next character; the rest of the block is filled with `#`.
 *
 * @returns nothing for a file of another form, as GRUB does
 */
export function parseGrubenv(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (!text.startsWith(SIGNATURE)) return values;
  for (const line of text.replaceAll(/\\\n/g, '\0').split('\n')) {
    const found = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(line);
    if (found?.[1] === undefined || found[2] === undefined) continue;
    values.set(found[1], found[2].replaceAll('\0', '\n').replaceAll(/\\(.)/g, '$1'));
  }
  return values;
}
