/**
 * Names for the machines of a fleet by which a reader finds their files: machines may have equal names of their own.
 */

/** What the names of machine files and tars end in. */
const SUFFIX = /\.(json|tar|tar\.gz|tgz)$/;

/**
 * Files whose paths agree in this many last parts are named by their whole paths: paths out of a report can have any
 * number of parts.
 */
const MAX_PARTS = 16;

/**
 * Names each machine by its file: the shortest end of the path that no other file has, without the suffix unless that
 * makes the difference.
 *
 * @param files - paths; equal ones get equal names
 * @returns `server1`; of several files of that name `rack1/server1`, or `server1.tar`
 */
export function nameMachines(files: readonly string[]): string[] {
  const endings = files.map((file) => new PathEnding(file));
  for (;;) {
    const longer = listShared(endings).filter((ending) => ending.lengthen());
    if (longer.length === 0) return endings.map(({ text }) => text);
  }
}

/** The end of a path: the last name without its suffix at first, the whole path at last. */
class PathEnding {
  readonly file: string;
  text: string;
  readonly #parts: readonly string[];
  #length = 1;
  #hasSuffix = false;

  constructor(file: string) {
    this.file = file;
    const parts = file.split('/').filter((part) => part !== '' && part !== '.');
    this.#parts = parts.slice(-MAX_PARTS);
    this.text = this.#find();
  }

  /** Adds the suffix, then in its place a folder. @returns whether there was any left */
  lengthen(): boolean {
    if (this.#length > this.#parts.length) return false;
    if (this.#hasSuffix) this.#length += 1;
    this.#hasSuffix = !this.#hasSuffix;
    this.text = this.#find();
    return true;
  }

  #find(): string {
    if (this.#length > this.#parts.length) return this.file;
    const ending = this.#parts.slice(-this.#length).join('/');
    return this.#hasSuffix ? ending : ending.replace(SUFFIX, '') || ending;
  }
}

/** The ends of paths that the path of another file has, too. */
function listShared(endings: readonly PathEnding[]): PathEnding[] {
  const owners = new Map<string, string>();
  const shared = new Set<string>();
  for (const { text, file } of endings) {
    if ((owners.get(text) ?? file) !== file) shared.add(text);
    owners.set(text, file);
  }
  return endings.filter(({ text }) => shared.has(text));
}
