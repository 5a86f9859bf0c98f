import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCpio } from '../../../src/formats/cpio.js';
import { buildProgram } from './program.js';
import { bootOracle } from './qemu.js';

/** What the oracle can be asked to do, in order. */
export type OracleRequest =
  /** Load a kernel by kexec_file_load(2). */
  | { readonly kernel: Uint8Array }
  /** Put a certificate (DER) into `.secondary_trusted_keys`, which wants it signed by a key that is trusted already. */
  | { readonly certificate: Uint8Array }
  /** Lock the kernel down: from then on, a kernel whose signature is bad is refused, as EPERM. */
  | { readonly lockdown: 'integrity' };

/** What came of a request. */
export interface OracleAnswer {
  /**
   * What the kernel found in the signature: 0 if it is good, else the errno's number; undefined if it did not look,
   * for want of a kernel, or because the file is none.
   */
  readonly signature: number | undefined;
  /** What the system call gave: 0, or the errno's number. */
  readonly result: number;
}

/** How the oracle ended. */
export interface OracleRun {
  /** One for each request, as far as it got: fewer than requests if the kernel crashed over the next. */
  readonly answers: readonly OracleAnswer[];
  /** What the machine's console showed. */
  readonly console: string;
}

const KINDS = { kernel: 0, certificate: 1, lockdown: 2 } as const;
const ANSWER_SIZE = 8;
const NOTHING_SAID = 1;
const DYNDBG = 'file kexec_file.c +p; file verify_pefile.c +p';

/** Longer than any machine needs to boot, in milliseconds; and what a request may take beyond. */
const BOOT_PATIENCE = 60_000;
const REQUEST_PATIENCE = 1_000;

/**
 * Boots the oracle once, in QEMU, and puts requests to it until it crashes or all are answered.
 *
 * @param progress is told how many answers there are, now and then
 * @throws Error if QEMU cannot be run, takes too long, or the program in the guest gave up.
 */
export async function runOracle(
  requests: readonly OracleRequest[],
  progress: (answered: number) => void = () => {},
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
        machine: ['-M', 'virt', '-cpu', 'cortex-a57', '-m', '512M'],
        initrd,
        append: `dyndbg="${DYNDBG}"`,
        share,
        patience: BOOT_PATIENCE + requests.length * REQUEST_PATIENCE,
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
