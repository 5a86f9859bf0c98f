import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { refuse } from '../../base/error.js';
import type { CaptureModule } from '../../crash/capture/capture-initrd.js';
import { detectCompression } from '../../formats/compression/compression-names.js';
import { MAX_MODULE_BYTES, normalizeModuleName, parseModuleInfo } from '../../formats/kernel-module.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { tryAccess } from './access-error.js';
import { readFile, readText } from './read-file.js';

/** The name of a module's file: `virtio-blk.ko`, `virtio_blk.ko.xz`. */
const MODULE_FILE = /^(.+)\.ko(\.\w+)?$/;

/**
 * The modules of a kernel in their folder: `/lib/modules/RELEASE`, installed or unpacked from a package. Dependencies
 * are read from the modules themselves, so depmod need not have run.
 */
export class KernelModules {
  readonly #folder: string;
  readonly #elfMachine: number;
  /** Paths by name. */
  readonly #paths = new Map<string, string>();
  readonly #builtIn: ReadonlySet<string>;

  /**
   * @param elfMachine - `e_machine` of the kernel
   * @throws KexecError `file-access`, if the folder cannot be read; `kernel-module`, if it contains no modules.
   */
  constructor(folder: string, elfMachine: number) {
    this.#folder = folder;
    this.#elfMachine = elfMachine;
    for (const path of listFiles(folder)) {
      const name = MODULE_FILE.exec(basename(path))?.[1];
      if (name !== undefined) this.#paths.set(normalizeModuleName(name), path);
    }
    const builtIn = join(folder, 'modules.builtin');
    const lines = existsSync(builtIn) ? readText(builtIn).split('\n') : [];
    this.#builtIn = new Set(lines.map((line) => normalizeModuleName(basename(line, '.ko'))));
    if (this.#paths.size === 0 && lines.length === 0)
      refuse('kernel-module', 'ENOENT', `${folder} contains no kernel modules`);
  }

  /** Whether the module is in the folder or built into the kernel. */
  has(name: string): boolean {
    return this.#paths.has(normalizeModuleName(name)) || this.#builtIn.has(normalizeModuleName(name));
  }

  /**
   * Reads modules and their dependencies, without those that are built in.
   *
   * @returns them decompressed, in the order in which they must be loaded
   * @throws KexecError `ENOENT`, check `kernel-module`, if a module is missing; else as {@link parseModuleInfo}.
   */
  async readInLoadOrder(names: readonly string[]): Promise<CaptureModule[]> {
    const loaded = new Map<string, CaptureModule>();
    const started = new Set<string>();
    const load = async (name: string, neededBy?: string): Promise<void> => {
      if (started.has(name)) return;
      const path = this.#paths.get(name);
      if (path === undefined) {
        if (this.#builtIn.has(name)) return;
        this.#refuseMissing(name, neededBy);
      }
      started.add(name);
      const bytes = await readModule(path);
      const { depends, wants } = parseModuleInfo(path, bytes, this.#elfMachine);
      for (const wanted of wants) {
        // A soft dependency may name an algorithm (crc32c), whose module for any CPU is called crc32c_generic.
        const found = [wanted, `${wanted}_generic`].find((candidate) => this.#paths.has(candidate));
        if (found !== undefined) await load(found);
      }
      for (const needed of depends) await load(needed, name);
      loaded.set(name, { file: `${name}.ko`, bytes });
    };
    for (const name of names) await load(normalizeModuleName(name));
    return [...loaded.values()];
  }

  #refuseMissing(name: string, neededBy: string | undefined): never {
    const reason = neededBy === undefined ? '' : `, which ${neededBy} depends on`;
    const seen = `${this.#folder} has no module ${name}${reason}, and it is not built into the kernel`;
    refuse('kernel-module', 'ENOENT', seen);
  }
}

async function readModule(path: string): Promise<Uint8Array> {
  const bytes = readFile(path);
  const compression = detectCompression(bytes);
  if (compression === undefined) return bytes;
  const decompress = await nodeDecompress(compression);
  if (decompress === undefined) refuse('kernel-module', 'ENOENT', `${path} is compressed by ${compression}`);
  return decompress(bytes, { limit: MAX_MODULE_BYTES, atLimit: 'refuse' });
}

/**
 * Lists the files in a folder and below, sorted by name, so that the same folder gives the same list everywhere. Links
 * to folders, such as `build`, are not followed.
 */
function listFiles(folder: string): string[] {
  const entries = tryAccess(`cannot read ${folder}`, () => readdirSync(folder, { withFileTypes: true }));
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? listFiles(path) : [path];
    });
}
