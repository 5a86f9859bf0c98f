import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCpio } from '../../../src/formats/cpio.js';
import type { Oracle } from './oracle.js';
import { buildProgram } from './program.js';
import { bootOracle } from './qemu.js';

/** A request to the oracle. */
export type OracleRequest =
  /** Load a kernel by kexec_file_load(2). */
  | { readonly kernel: Uint8Array }
  /** Add a certificate (DER) to `.secondary_trusted_keys`. A key that is already trusted must have signed it. */
  | { readonly certificate: Uint8Array }
  /** Lock the kernel down: afterwards it refuses kernels with a bad signature, with EPERM. */
  | { readonly lockdown: 'integrity' }
  /** Add a rule to IMA's policy. */
  | { readonly rule: string }
  /** Call kexec_load(2) without segments, which unloads. */
  | { readonly segments: '' };

/** The answer to a request. */
export interface OracleAnswer {
  /**
   * The kernel's verdict on the signature: 0 if it is good, otherwise the errno's number; undefined if it did not
   * verify one, because the request was for something else or the file is not a kernel.
   */
  readonly signature: number | undefined;
  /** The result of the system call: 0, or the errno's number. */
  readonly result: number;
}

/** The answers of a boot of the oracle. */
export interface OracleRun {
  /** One for each request, or fewer if the kernel crashed on the next request. */
  readonly answers: readonly OracleAnswer[];
  /** The console output of the machine. */
  readonly console: string;
}

const KINDS = { kernel: 0, certificate: 1, lockdown: 2, rule: 3, segments: 4 } as const;
const ANSWER_SIZE = 8;
const NOTHING_SAID = 1;
const DYNDBG = 'file kexec_file.c +p; file verify_pefile.c +p';

/** In milliseconds: longer than any machine needs to boot; and the additional time for each request. */
const BOOT_TIMEOUT = 60_000;
const REQUEST_TIMEOUT = 1_000;

/**
 * Boots the oracle once, in QEMU, and sends requests until all are answered or it crashes.
 *
 * @param progress - called from time to time with the number of answers
 * @param parameters - further parameters of the oracle's command line
 * @throws Error if QEMU cannot be run or takes too long, or the program in the guest fails
 */
export async function runOracle(
  oracle: Oracle,
  requests: readonly OracleRequest[],
  progress: (answered: number) => void = () => {},
  parameters = '',
): Promise<OracleRun> {
  const folder = mkdtempSync(join(tmpdir(), 'kexec-file-oracle-'));
  const share = join(folder, 'share');
  const initrd = join(folder, 'initrd');
  try {
    mkdirSync(share);
    writeFileSync(join(share, 'requests'), encodeRequests(requests));
    writeFileSync(join(share, 'answers'), '');
    writeFileSync(initrd, buildInitrd());
    const timer = setInterval(() => progress(countAnswers(share)), 500);
    try {
      const console = await bootOracle({
        oracle,
        machine: ['-M', 'virt', '-cpu', 'cortex-a57', '-m', '512M'],
        initrd,
        append: `dyndbg="${DYNDBG}" ${parameters}`,
        share,
        timeout: BOOT_TIMEOUT + requests.length * REQUEST_TIMEOUT,
      });
      if (console.includes('asker:')) throw new Error(`in the oracle, ${console.trim()}`);
      return { answers: readAnswers(share), console };
    } finally {
      clearInterval(timer);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function buildInitrd(): Uint8Array {
  return buildCpio([
    { name: 'init', type: 'file', permissions: 0o755, bytes: buildProgram('asker.S') },
    { name: 'dev', type: 'directory' },
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
    { name: 'dev/kmsg', type: 'characterDevice', node: { major: 1, minor: 11 } },
  ]);
}

function encodeRequests(requests: readonly OracleRequest[]): Uint8Array {
  return Buffer.concat(
    requests.flatMap((request) => {
      const [kind, payload] = Object.entries(request)[0] as [keyof typeof KINDS, Uint8Array | string];
      const bytes = Buffer.from(payload as string);
      const header = Buffer.alloc(8);
      header.writeUInt32LE(KINDS[kind], 0);
      header.writeUInt32LE(bytes.length, 4);
      return [header, bytes];
    }),
  );
}

function countAnswers(share: string): number {
  return Math.floor(statSync(join(share, 'answers')).size / ANSWER_SIZE);
}

function readAnswers(share: string): OracleAnswer[] {
  const bytes = readFileSync(join(share, 'answers'));
  return Array.from({ length: countAnswers(share) }, (_, index) => {
    const verdict = bytes.readInt32LE(index * ANSWER_SIZE);
    return {
      signature: verdict === NOTHING_SAID ? undefined : Math.abs(verdict),
      result: Math.abs(bytes.readInt32LE(index * ANSWER_SIZE + 4)),
    };
  });
}
