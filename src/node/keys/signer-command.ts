import { spawn } from 'node:child_process';
import { KexecError } from '../../base/error.js';

/** More bytes than any signature has. */
const MAX_SIGNATURE_BYTES = 1 << 16;

/**
 * Runs a command in a shell to sign bytes: it reads them from its standard input, and writes the signature to its
 * standard output. Its standard error and the terminal are the user's.
 *
 * @throws KexecError `EIO`: `sign-command`.
 */
export function runSignerCommand(command: string, bytes: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown): void =>
      reject(
        new KexecError('sign-command', 'EIO', `the signer command ${JSON.stringify(command)} ${what}`, {
          cause,
        }),
      );
    const child = spawn(command, { shell: true, stdio: ['pipe', 'pipe', 'inherit'] });
    const chunks: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_SIGNATURE_BYTES) chunks.push(chunk);
      else child.stdout.destroy();
    });
    // A command may close its input early; only its exit code counts.
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => fail(`cannot be run: ${cause.message}`, cause));
    child.on('close', (status, signal) => {
      if (length > MAX_SIGNATURE_BYTES) fail(`wrote more than ${MAX_SIGNATURE_BYTES} bytes`);
      else if (status !== 0) fail(signal === null ? `ended with ${status}` : `was ended by ${signal}`);
      else if (length === 0) fail('wrote no signature');
      else resolve(Buffer.concat(chunks));
    });
    child.stdin.end(bytes);
  });
}
