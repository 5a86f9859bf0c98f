import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { buildCpio, type CpioSource } from '../../src/formats/cpio.js';

const PERMISSIONS = 0o7777;

/**
 * The file tree of a guest, as an archive for its kernel to unpack: `/bin`, `/sbin` and `/lib` are links into `/usr`,
 * as in Debian, whichever of the two names a file is added by.
 */
export class GuestTree {
  readonly #entries = new Map<string, CpioSource>();

  constructor() {
    for (const name of MERGED) this.#entries.set(name, { name, type: 'symlink', target: `usr/${name}` });
  }

  /** @param path - in the guest, absolute */
  addDirectory(path: string): void {
    const name = nameOf(path);
    this.#addParents(name);
    if (!this.#entries.has(name)) this.#entries.set(name, { name, type: 'directory' });
  }

  addFile(path: string, bytes: Uint8Array, permissions = 0o755): void {
    this.#add({ name: nameOf(path), type: 'file', bytes, permissions });
  }

  addLink(path: string, target: string): void {
    this.#add({ name: nameOf(path), type: 'symlink', target });
  }

  /** Adds a file of the host, with its permissions. */
  addFileOfHost(path: string, source: string): void {
    this.addFile(path, readFileSync(source), statSync(source).mode & PERMISSIONS);
  }

  /** Adds the contents of a folder of the host, links as links. @param wanted - decides by the path in the folder */
  addFolderOfHost(path: string, folder: string, wanted: (path: string) => boolean = () => true): void {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const source = join(entry.parentPath, entry.name);
      const inFolder = source.slice(folder.length + 1);
      if (entry.isDirectory() || !wanted(inFolder)) continue;
      if (entry.isSymbolicLink()) this.addLink(join(path, inFolder), readlinkSync(source));
      else this.addFileOfHost(join(path, inFolder), source);
    }
  }

  addConsole(): void {
    this.#add({ name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } });
  }

  /** Writes the tree as files of the host, for a guest to mount; devices are left out. @param folder - is created */
  toFolder(folder: string): void {
    mkdirSync(folder);
    for (const entry of this.#entries.values()) {
      const path = join(folder, entry.name);
      if (entry.type === 'directory') mkdirSync(path);
      else if (entry.type === 'symlink') symlinkSync(entry.target, path);
      else if (entry.type === 'file') writeFileSync(path, entry.bytes, { mode: entry.permissions });
    }
  }

  toCpio(): Uint8Array {
    return buildCpio([...this.#entries.values()]);
  }

  #add(entry: CpioSource): void {
    this.#addParents(entry.name);
    this.#entries.set(entry.name, entry);
  }

  #addParents(name: string): void {
    const parent = dirname(name);
    if (parent !== '.') this.addDirectory(parent);
  }
}

const MERGED = ['bin', 'sbin', 'lib'];

/** Names in an archive have no leading slash. */
function nameOf(path: string): string {
  const name = path.replace(/^\/+/, '');
  return MERGED.includes(name.split('/')[0] ?? '') ? `usr/${name}` : name;
}
