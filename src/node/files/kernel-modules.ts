import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { refuse } from '../../base/error.js';
import type { CaptureModule } from '../../crash/capture/capture-initrd.js';
import { detectCompression } from '../../formats/compression/compression-names.js';
import { MODULE_LIMIT, moduleName, parseModuleInfo } from '../../formats/kernel-module.js';
import { nodeDecompress } from '../codecs/node-decompress.js';
import { readFile, readText, toAccessError } from './files.js';

/** The name of a module's file: `virtio-blk.ko`, `virtio_blk.ko.xz`. */
const MODULE_FILE = /^(.+)\.ko(\.\w+)?$/;

/**
 * The modules of a kernel, by the folder that they are in: `/lib/modules/RELEASE`, as installed or out of a package. What
 * depends on what, the modules themselves say, so that no depmod has to have run.
 */
export class KernelModules {
  readonly #folder: string;
  /** Paths by name. */
  readonly #paths = new Map<string, string>();
  readonly #builtIn: ReadonlySet<string>;

  /** @throws KexecError `file-access`, if the folder cannot be read; `kernel-module`, if it holds no modules. */
  constructor(folder: string) {
    this.#folder = folder;
    for (const path of filesBelow(folder)) {
      const name = MODULE_FILE.exec(basename(path))?.[1];
      if (name !== undefined) this.#paths.set(moduleName(name), path);
    }
    const builtIn = join(folder, 'modules.builtin');
    const lines = existsSync(builtIn) ? readText(builtIn).split('\n') : [];
    this.#builtIn = new Set(lines.map((line) => moduleName(basename(line, '.ko'))));
    if (this.#paths.size === 0 && lines.length === 0)
      refuse('kernel-module', 'ENOENT', `${folder} holds no modules of a kernel`);
  }

  /** Whether there is such a module, or the kernel has it built in. */
  has(name: string): boolean {
    return this.#paths.has(moduleName(name)) || this.#builtIn.has(moduleName(name));
  }

  /**
   * The named modules with those that they depend on, decompressed, in the order in which they are loaded; without those
   * that are built in.
   *
   * @throws KexecError `ENOENT`, check `kernel-module`, for one that is not there; else as parseModuleInfo() throws.
   */
  async readInLoadOrder(names: readonly string[]): Promise<CaptureModule[]> {
    const loaded = new Map<string, CaptureModule>();
    const underWay = new Set<string>();
    const load = async (name: string, neededBy: string): Promise<void> => {
      if (loaded.has(name) || underWay.has(name)) return;
      const path = this.#paths.get(name);
      if (path === undefined) {
        if (this.#builtIn.has(name)) return;
        refuse(
          'kernel-module',
          'ENOENT',
          `${this.#folder} has no module ${name}${neededBy}, and it is not among those built in`,
        );
      }
      underWay.add(name);
      const bytes = await readModule(path);
      const { depends, wants } = parseModuleInfo(path, bytes);
      for (const wanted of wants) {
        // What is wanted may be an algorithm (crc32c), whose module for any CPU is called so (crc32c_generic).
        const found = [wanted, `${wanted}_generic`].find((one) => this.#paths.has(one));
        if (found !== undefined) await load(found, '');
      }
      for (const needed of depends) await load(needed, `, which ${name} depends on`);
      loaded.set(name, { file: `${name}.ko`, bytes });
    };
    for (const name of names) await load(moduleName(name), '');
    return [...loaded.values()];
  }
}

async function readModule(path: string): Promise<Uint8Array> {
  const bytes = readFile(path);
  const compression = detectCompression(bytes);
  if (compression === undefined) return bytes;
  const decompress = await nodeDecompress(compression);
  if (decompress === undefined) refuse('kernel-module', 'ENOENT', `${path} is compressed by ${compression}`);
  return decompress(bytes, { limit: MODULE_LIMIT, atLimit: 'refuse' });
}

/**
 * In order of their names, so that the same folder gives the same, wherever it lies. Links to folders, such as `build`, are
 * not followed.
 */
function filesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? filesBelow(path) : [path];
      });
  } catch (cause) {
    throw toAccessError(`cannot read ${folder}`, cause);
  }
}
