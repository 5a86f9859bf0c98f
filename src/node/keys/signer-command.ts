import { spawn } from 'node:child_process';
import { KexecError } from '../../base/error.js';

/** More than any signature has. */
const LONGEST = 1 << 16;

/**
 * Has a command sign: a shell runs it, it reads what is to be signed from its standard input, and writes the signature
 * to its standard output. What it says on standard error, and asks on the terminal, is the user's to see.
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
      if (length <= LONGEST) chunks.push(chunk);
      else child.stdout.destroy();
    });
    // A command that has seen enough closes its input; what counts is how it ends.
    child.stdin.on('error', () => undefined);
    child.on('error', (cause) => fail(`cannot be run: ${cause.message}`, cause));
    child.on('close', (status, signal) => {
      if (length > LONGEST) fail(`gave more than ${LONGEST} bytes`);
      else if (status !== 0) fail(signal === null ? `ended with ${status}` : `was ended by ${signal}`);
      else if (length === 0) fail('gave no signature');
      else resolve(Buffer.concat(chunks));
    });
    child.stdin.end(bytes);
  });
}
