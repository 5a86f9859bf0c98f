import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCpio } from '../../../src/formats/cpio.js';
import { buildAsker } from './program.js';

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
 * The oracle's Image: in the folder that $KEXEC_ORACLE names (docs/conformance.md tells how to build one).
 *
 * @throws Error if there is none: what was to be asked must not pass for answered.
 */
export function oracleImage(): string {
  const folder = process.env.KEXEC_ORACLE;
  if (folder === undefined || folder === '') {
    throw new Error(
      'KEXEC_ORACLE is not set: it names the folder of the oracle kernel (docs/conformance.md)',
    );
  }
  const image = join(folder, 'Image');
  if (!existsSync(image)) throw new Error(`there is no oracle kernel ${image} (docs/conformance.md)`);
  return image;
}

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
  const image = oracleImage();
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
      const console = await runQemu(image, initrd, share, BOOT_PATIENCE + requests.length * REQUEST_PATIENCE);
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
    { name: 'init', type: 'file', permissions: 0o755, bytes: buildAsker() },
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

/** Gives what the console showed. The guest switches the machine off, or panics: either ends QEMU. */
function runQemu(image: string, initrd: string, share: string, patience: number): Promise<string> {
  const qemu = spawn(
    'qemu-system-aarch64',
    [
      ...['-M', 'virt', '-cpu', 'cortex-a57', '-m', '512M', '-nodefaults', '-no-reboot'],
      ...['-display', 'none', '-serial', 'stdio', '-kernel', image, '-initrd', initrd],
      ...['-append', `console=ttyAMA0 loglevel=1 panic=-1 dyndbg="${DYNDBG}"`],
      ...['-fsdev', `local,id=share,path=${share},security_model=none`],
      ...['-device', 'virtio-9p-pci,fsdev=share,mount_tag=share'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], timeout: patience, killSignal: 'SIGKILL' },
  );
  const text = { console: '', errors: '' };
  qemu.stdout.setEncoding('latin1').on('data', (chunk) => {
    text.console += chunk;
  });
  qemu.stderr.setEncoding('utf8').on('data', (chunk) => {
    text.errors += chunk;
  });
  return new Promise((resolve, reject) => {
    qemu.on('error', (cause) => reject(new Error('qemu-system-aarch64 cannot be run', { cause })));
    qemu.on('close', (status, signal) => {
      if (signal !== null) reject(new Error(`the oracle was ended after ${patience} ms:\n${text.console}`));
      else if (status !== 0) reject(new Error(`QEMU failed: ${text.errors}`));
      else if (text.console.includes('asker:')) reject(new Error(`in the oracle, ${text.console.trim()}`));
      else resolve(text.console);
    });
  });
}
