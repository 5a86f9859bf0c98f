import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatenate, encodeU32le, encodeU64le } from '../../src/base/bytes.js';
import { alignUp } from '../../src/base/u64.js';
import { buildExecutable, type ExecutableSegment } from '../../src/formats/elf/executable.js';
import { buildPageTables, TABLE_SIZE } from '../../src/kexec/arm64/purgatory/identity-map.js';
import { loadPurgatory } from '../../src/kexec/arm64/purgatory/load-purgatory.js';
import { decodePurgatoryObject } from '../../src/kexec/arm64/purgatory/purgatory-object.js';
import type { Purgatory } from '../../src/kexec/purgatory/purgatory.js';
import { assemble, linkWithLd } from './binutils.js';

/** A region to verify, with the expected digest. */
export interface Region {
  readonly start: bigint;
  readonly bytes: Uint8Array;
  readonly sha256: Uint8Array;
}

export interface PurgatoryRun {
  readonly regions: readonly Region[];
  /** Physical addresses of purgatory and of the code that it enters, and the bytes of the latter. */
  readonly base: bigint;
  readonly kernel: ExecutableSegment;
  readonly caches?: boolean;
  /** Symbols of 4 bytes (`use_sha2`, `serial_kind`), or of 8 (bigint). */
  readonly symbols?: Readonly<Record<string, number | bigint>>;
  /** AArch64 assembly that runs first and ends with a branch to the address in x30. */
  readonly prelude?: string;
}

/** An ELF file of purgatory with regions of any address and length, which no kimage has. */
export function buildPurgatoryFile(run: PurgatoryRun): Uint8Array {
  const purgatory = loadPurgatory(decodePurgatoryObject());
  const { base, kernel, regions, caches = true, symbols = {} } = run;
  purgatory.setSymbol('kernel_entry', encodeU64le(kernel.physicalAddress));
  setRegions(purgatory, regions);
  for (const [name, value] of Object.entries({ use_sha2: 1, ...symbols })) {
    purgatory.setSymbol(name, typeof value === 'bigint' ? encodeU64le(value) : encodeU32le(value));
  }
  const page = BigInt(TABLE_SIZE);
  const root = base + alignUp(purgatory.size, page);
  const contentsEnd = base + alignUp(purgatory.contentsSize, page);
  const tables = buildPageTables(
    [
      ...regions.map(({ start, bytes }) => ({
        range: { start, end: start + BigInt(bytes.length) },
        access: 'read-only' as const,
      })),
      { range: { start: base, end: contentsEnd }, access: 'code' },
      { range: { start: contentsEnd, end: root }, access: 'data' },
    ],
    root,
  );
  if (caches) purgatory.setSymbol('page_table_root', encodeU64le(root));
  const { bytes, entry } = purgatory.link(base);
  const segments: ExecutableSegment[] = [
    { physicalAddress: base, bytes, memorySize: root - base },
    { physicalAddress: root, bytes: tables, memorySize: BigInt(tables.length) },
    kernel,
    ...regions.map(({ start, bytes: contents }) => ({
      physicalAddress: start,
      bytes: contents,
      memorySize: BigInt(contents.length),
    })),
  ];
  const prelude = run.prelude === undefined ? undefined : preludeSegment(run.prelude, base, entry);
  return Buffer.concat(
    buildExecutable({
      entry: prelude?.physicalAddress ?? entry,
      segments: prelude === undefined ? segments : [...segments, prelude],
    }),
  );
}

function setRegions(purgatory: Purgatory, regions: readonly Region[]): void {
  const table = (entrySize: number, entry: (region: Region, index: number) => Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(16 * entrySize);
    for (const [index, region] of regions.entries()) bytes.set(entry(region, index), index * entrySize);
    return bytes;
  };
  purgatory.setSymbol(
    'purgatory_sha_regions',
    table(16, ({ start, bytes }) => concatenate([encodeU64le(start), encodeU64le(BigInt(bytes.length))])),
  );
  purgatory.setSymbol(
    'purgatory_region_digests',
    table(32, ({ sha256 }) => sha256),
  );
  purgatory.setSymbol(
    'purgatory_region_names',
    table(16, (_, index) => new TextEncoder().encode(`region${index}`)),
  );
}

/** A segment below purgatory. It has purgatory's entry in x30. */
function preludeSegment(source: string, base: bigint, entry: bigint): ExecutableSegment {
  const physicalAddress = base - 0x1000n;
  const object = assemble(`.text\nldr x30, 1f\n${source}\n1: .quad ${entry}`);
  const bytes = linkWithLd(object, physicalAddress, ['.text']);
  return { physicalAddress, bytes, memorySize: BigInt(bytes.length) };
}

/** The time limit for a machine, in milliseconds. */
const TIMEOUT = 60_000;

/**
 * Runs a machine in QEMU from an ELF file until it ends or its console output matches.
 *
 * @param args - in addition to those for the console
 * @throws Error with the console output, if neither happens in time
 */
export async function runUntil(file: Uint8Array, until: RegExp, ...args: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'purgatory-'));
  try {
    const path = join(folder, 'purgatory.elf');
    writeFileSync(path, file);
    const child = spawn(
      'qemu-system-aarch64',
      [
        ...['-display', 'none', '-monitor', 'none', '-nic', 'none', '-no-reboot'],
        ...['-device', `loader,file=${path},cpu-num=0`, ...args],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    return await new Promise<string>((resolve, reject) => {
      let console = '';
      let complaint = '';
      const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
      child.stdout.setEncoding('latin1').on('data', (text: string) => {
        console += text.replaceAll('\r', '');
        if (until.test(console)) child.kill('SIGKILL');
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        complaint += text;
      });
      child.on('error', reject);
      child.on('close', () => {
        clearTimeout(timer);
        if (until.test(console)) resolve(console);
        else reject(new Error(`QEMU's console never showed ${until}:\n${console}${complaint}`));
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
