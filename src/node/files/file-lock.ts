import type { BigIntStats } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { refuse } from '../../base/error.js';
import { toAccessError } from './access-error.js';

/** The errno of a kernel without CONFIG_UNIX, where no other process can hold a lock either. */
const NO_SOCKETS = 'EAFNOSUPPORT';

/**
 * Locks a file against other processes of this program: a socket in Linux's abstract namespace with the file's identity
 * as its name (unix(7)). The kernel removes it with the process, so that no crash leaves a lock behind. It holds within
 * one network namespace; other systems have no such sockets, and no lock.
 *
 * @returns a function that unlocks it
 * @throws KexecError `EBUSY`, check `file-access`, if another process holds the lock.
 */
export async function lockFile(path: string, { dev, ino }: BigIntStats): Promise<() => void> {
  const server = createServer((connection) => connection.destroy()).unref();
  if (process.platform === 'linux') {
    try {
      await listen(server, `\0kexec-file:${dev}:${ino}`);
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE')
        refuse('file-access', 'EBUSY', `another kexec-file is writing ${path}`, {
          cure: 'wait until it ends, or give another output',
        });
      if (code !== NO_SOCKETS) throw toAccessError(`cannot lock ${path}`, cause);
    }
  }
  return () => server.close();
}

function listen(server: Server, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(name, resolve);
  });
}
