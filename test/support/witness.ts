import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const BEGIN = 'witness: begin';
const END = 'witness: end';

/** The time limit for a machine, in milliseconds; and that of a test, which is a little longer. */
const QEMU_TIMEOUT = 20_000;
export const BOOT_TIMEOUT = QEMU_TIMEOUT + 5_000;

/** Path of the witness kernel's Image, for QEMU's `-kernel`. */
export const WITNESS_FILE = fileURLToPath(new URL('../witness/witness.Image', import.meta.url));

export function readWitnessImage(): Uint8Array {
  return new Uint8Array(readFileSync(WITNESS_FILE));
}

/**
 * Parses the output of the witness kernel in a machine's console output: `x0`, `el`, `dtb-crc32` and so on
 * (test/witness/witness.S has the list). Numbers stay as they are written, `0x…` without padding.
 *
 * @throws Error if the witness did not start, or did not reach its end
 */
export function parseWitness(console: string): ReadonlyMap<string, string> {
  const lines = console.split(/\r?\n/);
  const begin = lines.lastIndexOf(BEGIN);
  const end = lines.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`the witness did not reach its end:\n${console}`);
  return new Map(
    lines.slice(begin + 1, end).map((line) => {
      const equals = line.indexOf('=');
      if (equals < 0) throw new Error(`the witness wrote a line other than key=value: ${line}`);
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
}

/**
 * Runs QEMU's virt machine until it switches itself off.
 *
 * @param args - further arguments; `-M` and `-m` among them replace the defaults
 * @returns the output of its serial port
 * @throws Error if QEMU fails, or still runs after 20 seconds
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
