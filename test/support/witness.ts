import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BEGIN = 'witness: begin';
const END = 'witness: end';

/** How long a machine may take, in milliseconds, before it is ended; and a little more, for the test around it. */
const QEMU_TIMEOUT = 20_000;
export const BOOT_TIMEOUT = QEMU_TIMEOUT + 5_000;

/** The witness kernel's Image, as a file: what QEMU's `-kernel` takes. */
export const WITNESS_FILE = fileURLToPath(new URL('../witness/witness.Image', import.meta.url));

export function witnessImage(): Uint8Array {
  return new Uint8Array(readFileSync(WITNESS_FILE));
}

/**
 * Reads what the witness kernel wrote, out of everything that a machine's console showed: `x0`, `el`, `dtb-crc32` and
 * so on (test/witness/witness.S has the list). Numbers are left as written, `0x…` without padding.
 *
 * @throws Error if the witness did not begin, or did not get to its end.
 */
export function parseWitness(console: string): ReadonlyMap<string, string> {
  const lines = console.split(/\r?\n/);
  const begin = lines.lastIndexOf(BEGIN);
  const end = lines.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`the witness did not get to its end:\n${console}`);
  return new Map(
    lines.slice(begin + 1, end).map((line) => {
      const equals = line.indexOf('=');
      if (equals < 0) throw new Error(`the witness wrote no key=value but: ${line}`);
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
}

/**
 * Runs QEMU's virt machine until it switches itself off, and gives what its serial port showed.
 *
 * @param args beyond the machine's; `-M` and `-m` among them, if they are not to be QEMU's own.
 * @throws Error if QEMU fails, or still runs after 20 seconds.
 */
export async function runVirt(...args: string[]): Promise<string> {
  const console = ['-display', 'none', '-monitor', 'none', '-serial', 'stdio', '-nic', 'none'];
  const { stdout } = await promisify(execFile)(
    'qemu-system-aarch64',
    ['-cpu', 'cortex-a57', ...console, ...args],
    { timeout: QEMU_TIMEOUT, killSignal: 'SIGKILL' },
  );
  return stdout;
}
