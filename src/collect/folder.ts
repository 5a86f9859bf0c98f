import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { KexecError } from '../base/error.js';
import { readFile, readText } from '../host/files.js';
import type { Machine } from '../machine/machine.js';
import { recordMachine } from '../machine/record.js';

/**
 * The machine whose files were collected into a folder, under the names `iomem`, `fdt`, `cmdline`, `memblock-memory`,
 * `memblock-reserved`, `vmcoreinfo`, `config`, `cpuinfo`, `lockdown`; whichever are there.
 *
 * @throws KexecError `ENOENT` if there is no such folder, else as {@link recordMachine}.
 */
export function recordFromFolder(folder: string): Machine {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new KexecError({ check: 'file-access', errno: 'ENOENT', seen: `${folder} is not a folder` });
  }
  const text = (name: string): string | undefined => {
    const path = join(folder, name);
    return existsSync(path) ? readText(path) : undefined;
  };
  const fdt = join(folder, 'fdt');
  return recordMachine(basename(resolve(folder)), {
    iomem: text('iomem'),
    fdt: existsSync(fdt) ? readFile(fdt) : undefined,
    cmdline: text('cmdline'),
    memblockMemory: text('memblock-memory'),
    memblockReserved: text('memblock-reserved'),
    vmcoreinfo: text('vmcoreinfo'),
    config: text('config'),
    cpuinfo: text('cpuinfo'),
    lockdown: text('lockdown'),
  });
}
