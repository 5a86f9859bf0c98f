import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { refuse } from '../../base/error.js';
import { toAccessError } from '../files/access-error.js';
import { escapeQemuValue } from './qemu-arguments.js';

/** `sun_path` of unix(7), in bytes, without the terminating NUL. */
const MAX_SOCKET_PATH_BYTES = 107;

/** Why a guest ended, by the names in QEMU's SHUTDOWN event. */
type ShutdownReason = 'guest-shutdown' | 'guest-reset' | 'guest-panic' | 'host-signal' | 'host-qmp-quit';

/** A connection to QEMU's machine protocol that starts a guest and learns how it ends. */
export interface Qmp {
  /** The arguments for QEMU. */
  readonly arguments: readonly string[];
  /** Returns why the guest ended, after QEMU has ended; undefined if QEMU did not report it. */
  readonly reason: () => ShutdownReason | undefined;
  readonly close: () => void;
}

/**
 * Waits for QEMU to connect, and then starts the guest. QEMU starts with the guest stopped, so its end is not missed,
 * however early it is. "QEMU Machine Protocol Specification": a greeting, `qmp_capabilities`, then commands and events,
 * each a JSON object on a line.
 *
 * @param path - of the socket, which must not exist yet
 * @throws KexecError check `file-access`, if it cannot be created.
 */
export async function listenForQemu(path: string): Promise<Qmp> {
  let reason: ShutdownReason | undefined;
  const server = createServer((socket) => {
    const send = (execute: string): void => {
      socket.write(`${JSON.stringify({ execute })}\n`);
    };
    send('qmp_capabilities');
    send('cont');
    onMessage(socket, (message) => {
      if (message.event === 'SHUTDOWN') reason = message.data?.reason as ShutdownReason | undefined;
    });
  });
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES)
    refuse('file-access', 'ENAMETOOLONG', `the path of QEMU's socket is too long: ${path}`, {
      cure: `set TMPDIR to a folder with a shorter path: a socket's has at most ${MAX_SOCKET_PATH_BYTES} bytes`,
    });
  try {
    await listen(server, path);
  } catch (cause) {
    throw toAccessError(`cannot create QEMU's socket ${path}`, cause);
  }
  return {
    arguments: [
      ...['-S', '-chardev', `socket,id=qmp,path=${escapeQemuValue(path)}`],
      ...['-mon', 'chardev=qmp,mode=control'],
    ],
    reason: () => reason,
    close: () => server.close(),
  };
}

interface QmpMessage {
  readonly event?: string;
  readonly data?: { readonly reason?: string };
}

function onMessage(socket: Socket, handle: (message: QmpMessage) => void): void {
  // QEMU drops the connection when it ends; socket and reader report that as an error.
  const ignore = (): void => {};
  socket.on('error', ignore);
  createInterface({ input: socket })
    .on('error', ignore)
    .on('line', (line) => handle(JSON.parse(line)));
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
}
