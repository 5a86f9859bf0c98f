import { decodeLatin1 } from '../base/bytes.js';
import { hasMagic } from '../formats/magics.js';
import type { ScannedEntry } from '../kernel-file/initrd/scan-cpio.js';
import type { Facts } from './facts.js';

const TYPE_MASK = 0o170000;
const SYMLINK = 0o120000;
const REGULAR = 0o100000;

const MODULE = /\.ko(?:\.(?:gz|xz|zst))?$/;
const MODULE_FOLDER = /(?:^|\/)lib\/modules\/([^/]+)\//;
const MICROCODE = /^kernel\/x86\/microcode\/\S+\.bin$/;
const ACPI_TABLE = /^kernel\/firmware\/acpi\/.+/;
const FIRMWARE = /(?:^|\/)lib\/firmware\/.+/;

/** The programs that a kernel starts first: `init/main.c` and `rdinit=`; and where systemd is. */
const INIT = /^(?:\.?\/)?(?:init|sbin\/init|linuxrc)$/;

/** The most releases of modules, and files of a kind, that are listed. */
const MAX_RELEASES = 8;
const MAX_NAMED = 16;

/** `PATH_MAX`: the kernel makes no link with a longer target. */
const MAX_PATH_BYTES = 4096;

/** Counts what is notable in an archive of an initrd. */
export class InitrdContents {
  readonly #modules = new Map<string, number>();
  readonly #inits: string[] = [];
  readonly #early: string[] = [];
  #firmware = 0;
  #first: string | undefined;

  add({ name, mode, data }: ScannedEntry): void {
    this.#first ??= name;
    const path = name.replace(/^(?:\.?\/)+/, '');
    const isFile = (mode & TYPE_MASK) === REGULAR;
    const release = isFile && MODULE.test(path) ? MODULE_FOLDER.exec(path)?.[1] : undefined;
    if (release !== undefined) this.#modules.set(release, (this.#modules.get(release) ?? 0) + 1);
    else if (INIT.test(path)) keep(this.#inits, `/${path}: ${describeInit(mode, data)}`);
    else if (isFile && (MICROCODE.test(path) || ACPI_TABLE.test(path))) keep(this.#early, path);
    else if (isFile && FIRMWARE.test(path)) this.#firmware += 1;
  }

  describe(): Facts {
    const modules = [...this.#modules].slice(0, MAX_RELEASES);
    return {
      ...(this.#first === undefined ? {} : { begins: this.#first }),
      ...(this.#inits.length === 0 ? {} : { init: this.#inits.join('; ') }),
      ...(modules.length === 0
        ? {}
        : { modules: modules.map(([release, count]) => `${count} for ${release}`).join('; ') }),
      ...(this.#firmware === 0 ? {} : { firmware: this.#firmware }),
      ...(this.#early.length === 0 ? {} : { early: this.#early.join(' ') }),
    };
  }
}

/** Keeps the first names: an archive may have very many. */
function keep(names: string[], name: string): void {
  if (names.length < MAX_NAMED) names.push(name);
}

function describeInit(mode: number, data: Uint8Array): string {
  if ((mode & TYPE_MASK) === SYMLINK)
    return `a link to ${new TextDecoder().decode(data.subarray(0, MAX_PATH_BYTES))}`;
  if (hasMagic(data, 'elf')) return 'a program';
  const line = decodeLatin1(data, 0, Math.min(data.length, 80)).split('\n', 1)[0] ?? '';
  return line.startsWith('#!') ? `a script (${line})` : `${data.length} bytes`;
}
