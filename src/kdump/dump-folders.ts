/** The folders that dumps are saved in: one for each crash, named by date and time. */

/** `20261129-033200`; `20261129-033200+2` for a second folder within the same second. */
const NAME = /^\d{8}-\d{6}(?:\+\d+)?$/;

/**
 * Names the folder of a dump, as the capture initrd does.
 *
 * @param now - in UTC
 * @param isTaken - whether there is a folder of a name
 */
export function nameDumpFolder(now: Date, isTaken: (name: string) => boolean): string {
  const [date = '', time = ''] = now.toISOString().replaceAll(/[-:]/g, '').split(/[T.]/);
  const name = `${date}-${time}`;
  let number = 1;
  while (isTaken(number === 1 ? name : `${name}+${number}`)) number += 1;
  return number === 1 ? name : `${name}+${number}`;
}

/**
 * Finds the folders of dumps that are too many.
 *
 * @param names - of all that lies in the folder of dumps; other names are ignored
 * @param keep - how many stay: the newest; 0 keeps all
 */
export function listSurplusFolders(names: readonly string[], keep: number): string[] {
  const dumps = names.filter((name) => NAME.test(name)).sort(compareNames);
  return keep === 0 ? [] : dumps.slice(0, Math.max(dumps.length - keep, 0));
}

/** `+10` is after `+2`. */
function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
