import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** Why a guest is no more: it powered off, or it asked for a reset; by the names that QEMU's SHUTDOWN event has. */
export type ShutdownReason =
  | 'guest-shutdown'
  | 'guest-reset'
  | 'guest-panic'
  | 'host-signal'
  | 'host-qmp-quit';

/** A connection to QEMU's machine protocol that starts a guest and hears how it ends. */
export interface Qmp {
  /** What QEMU has to be started with. */
  readonly arguments: readonly string[];
  /** Why the guest is no more, once QEMU has ended; nothing if it did not say. */
  readonly reason: () => ShutdownReason | undefined;
  readonly close: () => void;
}

/**
 * Waits for QEMU to connect, and then lets the guest run: QEMU starts it stopped, so that its end is not missed however
 * soon it comes. "QEMU Machine Protocol Specification": a greeting, `qmp_capabilities`, then commands and events, each
 * a JSON object on a line.
 *
 * @param path of the socket, which must not be there yet.
 */
export async function listenForQemu(path: string): Promise<Qmp> {
  let reason: ShutdownReason | undefined;
  const server = createServer((socket) => {
    const send = (execute: string): void => {
      socket.write(`${JSON.stringify({ execute })}\n`);
    };
    send('qmp_capabilities');
    send('cont');
    readLines(socket, (message) => {
      if (message.event === 'SHUTDOWN') reason = message.data?.reason as ShutdownReason | undefined;
    });
  });
  await listening(server, path);
  return {
    arguments: [
      '-S',
      '-chardev',
      `socket,id=qmp,path=${path.replaceAll(',', ',,')}`,
      '-mon',
      'chardev=qmp,mode=control',
    ],
    reason: () => reason,
    close: () => server.close(),
  };
}

interface QmpMessage {
  readonly event?: string;
  readonly data?: { readonly reason?: string };
}

function readLines(socket: Socket, onMessage: (message: QmpMessage) => void): void {
  // QEMU drops the connection as it ends: both tell of that as an error, and neither is one.
  const ignore = (): void => {};
  socket.on('error', ignore);
  createInterface({ input: socket })
    .on('error', ignore)
    .on('line', (line) => onMessage(JSON.parse(line)));
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(path, resolve);
  });
}
