/**
 * Runs in a guest with a crash region: has kexec_load refuse what it can be made to refuse, and prints a line of JSON a
 * try, `{try, errno, why}`, errno 0 for what loads. What cannot be undone comes last.
 *
 * With the argument {@link HOLD}, it loads a large segment again and again instead, until it is killed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { KexecError } from '../../src/base/error.js';
import { findCrashKernelRanges, parseIomem } from '../../src/formats/iomem.js';
import type { PlacedBytes } from '../../src/kexec/segment-rules.js';
import { callKexecFileUnload } from '../../src/node/live/system-calls/kexec-file-load.js';
import { callKexecLoad } from '../../src/node/live/system-calls/kexec-load.js';

const PAGE = 4096n;
const MIB = 1n << 20n;
/** RAM of QEMU's virt board, and of its PCs with 2 GiB. */
const RAM = 0x4000_0000n;

/** The size of a segment that the kernel copies for long enough to be met at it. */
const LARGE = 128n * MIB;
const HOLD = 'hold';
/** Calls while another process is in the kernel half of the time. */
const MAX_TRIES = 100_000;

const [region] = findCrashKernelRanges(parseIomem(readFileSync('/proc/iomem', 'utf8')));
if (region === undefined) throw new Error('the guest has no crash region');

const segment = (mem: bigint, memsz = PAGE, length = 16): PlacedBytes => ({
  name: 'segment',
  mem,
  memsz,
  bytes: new Uint8Array(length).fill(0xa5),
});

/** Creates bytes that claim a greater length than their 4 KiB, up to unmapped memory. */
function bytesBeyondMemory(length: number): Uint8Array {
  return Object.defineProperty(new Uint8Array(4096), 'length', { value: length });
}

/** Makes a call. @returns what the kernel refused; undefined if it did not */
async function findRefusal(call: () => Promise<void>): Promise<KexecError | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof KexecError)) throw error;
    return error;
  }
}

function report(name: string, error: KexecError | undefined): void {
  if (error === undefined) console.log(JSON.stringify({ try: name, errno: 0 }));
  else {
    const why = error.seen.slice(error.seen.indexOf(`${error.errno} (`)).replace(/^\w+ \(\d+\): /, '');
    console.log(JSON.stringify({ try: name, errno: error.errno, why }));
  }
}

async function attempt(name: string, call: () => Promise<void>): Promise<void> {
  report(name, await findRefusal(call));
}

/** Loads a large segment until the process is killed, whatever the kernel says. Reports when it begins. */
async function hold(): Promise<never> {
  const large = segment(RAM, LARGE, Number(LARGE));
  writeSync(process.stdout.fd, 'ready');
  for (;;) await findRefusal(() => callKexecLoad(RAM, [large], 'default'));
}

/** Loads while another process does, until the kernel refuses it, and kills the other, which is in the kernel. */
async function loadBesideAnother(name: string): Promise<void> {
  const program = process.argv[1] ?? '';
  const other = spawn(process.execPath, [program, HOLD], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(other, 'exit');
  await once(other.stdout, 'data');
  let refusal: KexecError | undefined;
  for (let tries = 0; tries < MAX_TRIES && refusal === undefined; tries += 1)
    refusal = await findRefusal(() => callKexecLoad(RAM, [segment(RAM)], 'default'));
  other.kill('SIGKILL');
  report(name, refusal);
  await ended;
}

/** What the kernel has loaded, as an errno: 0 if there is a kernel. */
function reportLoaded(name: string): void {
  const loaded = readFileSync('/sys/kernel/kexec_loaded', 'utf8').trim();
  console.log(JSON.stringify({ try: name, errno: loaded === '1' ? 0 : 'ENOENT' }));
}

if (process.argv[2] === HOLD) await hold();

const load = (name: string, ...segments: PlacedBytes[]) =>
  attempt(name, () => callKexecLoad(RAM, segments, 'default'));
const loadCrash = (name: string, ...segments: PlacedBytes[]) =>
  attempt(name, () => callKexecLoad(region.start, segments, 'crash'));

await load('good', segment(RAM), segment(RAM + PAGE, 3n * PAGE, 5000));
await load('start off the page', segment(RAM + 1n));
await load('end off the page', segment(RAM, PAGE + 8n));
await load('end of the address space', segment((1n << 64n) - PAGE));
await load('overlap', segment(RAM, 2n * PAGE), segment(RAM + PAGE));
await load('more bytes than memory', segment(RAM, PAGE, 4097));
await load('17 segments', ...Array.from({ length: 17 }, (_, at) => segment(RAM + BigInt(at) * PAGE)));
await load('larger than half of the RAM', segment(RAM, 1800n * MIB));
await load('bytes that are not there', {
  ...segment(RAM, 512n * MIB),
  bytes: bytesBeyondMemory(512 << 20),
});
await loadBesideAnother('beside another load');
reportLoaded('after another load was killed');
await attempt('another architecture', () => callKexecLoad(RAM, [segment(RAM)], 'default', 0x40 << 16));
await attempt('a flag that no kernel has', () => callKexecLoad(RAM, [segment(RAM)], 'default', 1 << 10));
await loadCrash('good crash', segment(region.start));
await loadCrash('crash outside its region', segment(region.start - PAGE));
await attempt('crash entry outside its region', () => callKexecLoad(RAM, [segment(region.start)], 'crash'));
await loadCrash('crash without room for the kernel', segment(region.start, region.end - region.start));
await attempt('unload of nothing', () => callKexecLoad(0n, [], 'crash'));
await attempt('no kexec_file_load', () => callKexecFileUnload('default'));

process.seteuid?.(65534);
await load('without CAP_SYS_BOOT', segment(RAM));
process.seteuid?.(0);
writeFileSync('/proc/sys/kernel/kexec_load_limit_panic', '0');
await loadCrash('limit used up', segment(region.start));
writeFileSync('/sys/kernel/security/lockdown', 'integrity');
await load('lockdown', segment(RAM));
writeFileSync('/sys/kernel/security/ima/policy', 'appraise func=KEXEC_KERNEL_CHECK appraise_type=imasig\n');
await load('IMA', segment(RAM));
writeFileSync('/proc/sys/kernel/kexec_load_disabled', '1');
await load('disabled', segment(RAM));
