import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hex } from '../../base/u64.js';
import { toAccessError } from '../files/access-error.js';

/** `IFF_UP` (`include/uapi/linux/if.h`). */
const UP = 1n;

/**
 * Takes the network interfaces of this network namespace down, except the loopback: cards that still receive would
 * write into memory that belongs to the next kernel by then.
 *
 * @param folder - `/sys/class/net`; writing an interface's `flags` there sets them (`flags_store()`,
 *   net/core/net-sysfs.c)
 * @returns a sentence for each interface that could not be taken down.
 */
export function takeInterfacesDown(folder = '/sys/class/net'): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.flatMap((name) => {
    const path = join(folder, name, 'flags');
    if (name === 'lo' || !existsSync(path)) return [];
    try {
      const flags = BigInt(readFileSync(path, 'utf8').trim());
      if (flags & UP) writeFileSync(path, hex(flags & ~UP));
      return [];
    } catch (error) {
      return [toAccessError(`interface ${name} stays up`, error).seen];
    }
  });
}
