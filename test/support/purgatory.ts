import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeU32le, encodeU64le } from '../../src/base/bytes.js';
import { alignUp } from '../../src/base/u64.js';
import { buildExecutable, type ExecutableSegment } from '../../src/formats/elf/executable.js';
import { buildPageTables, TABLE_SIZE } from '../../src/kexec/arm64/purgatory/identity-map.js';
import { loadPurgatory } from '../../src/kexec/arm64/purgatory/load-purgatory.js';
import { decodePurgatoryObject } from '../../src/kexec/arm64/purgatory/purgatory-object.js';
import type { Purgatory } from '../../src/kexec/purgatory/purgatory.js';
import { setRegions } from '../../src/kexec/purgatory/regions.js';
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
  setExpectedRegions(purgatory, regions);
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

/** Sets the regions with their expected digests, which a test may have wrong. */
export function setExpectedRegions(purgatory: Purgatory, regions: readonly Region[]): void {
  const segments = regions.map(({ start, bytes, sha256 }, index) => ({
    name: `region${index}`,
    mem: start,
    memsz: BigInt(bytes.length),
    bytes,
    sha256,
  }));
  setRegions(purgatory, segments, ({ sha256 }) => sha256);
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
  return runFileUntil(file, until, (path) => [
    'qemu-system-aarch64',
    ...['-device', `loader,file=${path},cpu-num=0`, ...args],
  ]);
}

/** How QEMU ended. */
export interface QemuEnd {
  readonly console: string;
  /** QEMU's own messages. */
  readonly errors: string;
  /** QEMU's exit code; null if a signal ended it, as at a match or the time limit. */
  readonly code: number | null;
}

/** QEMU's program and its options, from the path of the file that it runs. */
export type QemuCommand = (path: string) => readonly [string, ...string[]];

/** Runs QEMU with a file until it ends or its console output matches. @throws Error if neither happens in time */
export async function runFileUntil(file: Uint8Array, until: RegExp, command: QemuCommand): Promise<string> {
  const { console, errors } = await runFile(file, command, until);
  if (until.test(console)) return console;
  throw new Error(`QEMU's console never showed ${until}:\n${console}${errors}`);
}

/** How often the console is read, in milliseconds. */
const CONSOLE_INTERVAL = 20;

/**
 * Runs QEMU with a file until it ends, or its console output matches, or time is up. The console is a file: a socket takes
 * some 280 characters, and if nobody reads for a while, purgatory gives its UART up.
 */
export async function runFile(file: Uint8Array, command: QemuCommand, until?: RegExp): Promise<QemuEnd> {
  const folder = mkdtempSync(join(tmpdir(), 'purgatory-'));
  try {
    const path = join(folder, 'purgatory.elf');
    writeFileSync(path, file);
    const consolePath = join(folder, 'console');
    const output = openSync(consolePath, 'w');
    const readConsole = () => readFileSync(consolePath, 'latin1').replaceAll('\r', '');
    const [program, ...args] = command(path);
    const child = spawn(
      program,
      ['-display', 'none', '-monitor', 'none', '-nic', 'none', '-no-reboot', ...args],
      { stdio: ['ignore', output, 'pipe'] },
    );
    closeSync(output);
    return await new Promise<QemuEnd>((resolve, reject) => {
      let errors = '';
      const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT);
      const reader = setInterval(() => {
        if (until?.test(readConsole())) child.kill('SIGKILL');
      }, CONSOLE_INTERVAL);
      const stop = () => {
        clearTimeout(timer);
        clearInterval(reader);
      };
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        errors += text;
      });
      child.on('error', (error) => {
        stop();
        reject(error);
      });
      child.on('close', (code) => {
        stop();
        resolve({ console: readConsole(), errors, code });
      });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
