/** What a package installs, by path, before it is packed. */

import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Modes are these, whatever the umask and the checkout have. */
const MODES = { file: 0o644, program: 0o755, folder: 0o755 };

/** Files and links of a package. Paths have no slash at the beginning: `usr/bin/kexec-file`. */
export class PackageTree {
  /** @type {Map<string, { mode?: number, content?: Buffer, source?: string, target?: string }>} */
  #entries = new Map();

  /** Adds a file with this content, text or bytes. */
  addText(path, content, { isProgram = false } = {}) {
    this.#add(path, { content: Buffer.from(content), mode: isProgram ? MODES.program : MODES.file });
  }

  /** Adds a copy of a file; by default, as a program if its owner may execute it. */
  addFile(path, source, { isProgram = (statSync(source).mode & 0o100) !== 0 } = {}) {
    this.#add(path, { source, mode: isProgram ? MODES.program : MODES.file });
  }

  addLink(path, target) {
    this.#add(path, { target });
  }

  /** Adds the files and links of a folder, at the same paths below `path`. @param isWanted - by path from the folder */
  addFolder(path, source, isWanted = () => true) {
    for (const { name, isLink } of listFolder(source).filter((file) => isWanted(file.name))) {
      if (isLink) this.addLink(join(path, name), readlinkSync(join(source, name)));
      else this.addFile(join(path, name), join(source, name));
    }
  }

  /** Adds everything of this tree to another one. */
  copyTo(tree) {
    for (const [path, entry] of this.#entries) tree.#add(path, entry);
  }

  /** Paths in order. */
  get paths() {
    return [...this.#entries.keys()].sort();
  }

  /** The SHA-256 of paths, modes and contents: equal for packages with equal contents. */
  get digest() {
    const hash = createHash('sha256');
    for (const [path, { mode, target }] of this.#sorted()) {
      hash.update(`${path}\0${mode ?? ''}\0${target ?? digest('sha256', this.read(path))}\0`);
    }
    return hash.digest('hex');
  }

  /** The bytes of a file. */
  read(path) {
    const { content, source } = this.#entries.get(path);
    return content ?? readFileSync(source);
  }

  /** What md5sum prints for regular files, in the order of paths. @param isWanted - by path */
  formatMd5sums(isWanted) {
    return this.#sorted()
      .filter(([path, { target }]) => target === undefined && isWanted(path))
      .map(([path]) => `${digest('md5', this.read(path))}  ${path}\n`)
      .join('');
  }

  /** The space in KiB that the files take when installed, as deb-control(5) defines Installed-Size. */
  get installedSize() {
    const folders = new Set();
    let size = 0;
    for (const [path, { content, source }] of this.#entries) {
      const bytes = content?.length ?? (source === undefined ? 0 : statSync(source).size);
      size += Math.max(1, Math.ceil(bytes / 1024));
      for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) folders.add(folder);
    }
    return size + folders.size;
  }

  /** Writes all files into an empty folder, with a date in seconds since 1970. */
  writeTo(folder, date) {
    for (const [path, { mode, content, source, target }] of this.#sorted()) {
      const place = join(folder, path);
      mkdirSync(dirname(place), { recursive: true });
      if (target !== undefined) {
        symlinkSync(target, place);
        continue;
      }
      if (source !== undefined) copyFileSync(source, place);
      else writeFileSync(place, content);
      chmodSync(place, mode);
      utimesSync(place, date, date);
    }
    finishFolders(folder, date);
  }

  #add(path, entry) {
    if (this.#entries.has(path)) throw new Error(`the package already has ${path}`);
    this.#entries.set(path, entry);
  }

  #sorted() {
    return this.paths.map((path) => [path, this.#entries.get(path)]);
  }
}

/** The files and links below a folder, by their paths from there. */
export function listFolder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({
      name: relative(folder, join(entry.parentPath, entry.name)),
      isLink: entry.isSymbolicLink(),
    }));
}

/** Modes and dates of folders, innermost first: writing into a folder changes its date. */
function finishFolders(folder, date) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) finishFolders(join(folder, entry.name), date);
  }
  chmodSync(folder, MODES.folder);
  utimesSync(folder, date, date);
}

function digest(algorithm, bytes) {
  return createHash(algorithm).update(bytes).digest('hex');
}
