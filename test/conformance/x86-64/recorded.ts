import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Machine } from '../../../src/machine/machine-value.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import { ORACLE_RELEASES, type OracleRelease } from '../../support/oracle/oracle.js';
import type { GivenBoot } from '../../support/oracle/x86-64/loads.js';
import { formatJson } from '../format-json.js';
import type { RealKernel } from './kernels.js';
import { describeX86Load, formatOutcome, parseOutcome, type X86Load, type X86Outcome } from './scenario.js';

/** A recorded machine: its value, and what its kernel answered. */
export interface RecordedX86 {
  readonly machine: Machine;
  /** The outcome of each load of the machine's list, in its order. */
  readonly outcomes: readonly { readonly load: string; readonly outcome: X86Outcome }[];
  /** With Secure Boot, the name of kexec_load(2)'s errno for flags that no kernel knows. */
  readonly segments?: string | undefined;
  /** What its kernel was given. */
  readonly boot: GivenBoot;
  /** The segments before the kernel, of the last crash kernel that was loaded; none if none was at the end. */
  readonly contents: readonly Uint8Array[];
}

/** With a folder for each release. */
const FOLDER = 'test/conformance/x86-64/recorded';
const KERNELS_FILE = join(FOLDER, 'kernels.json');

const packed = z.base64().transform((text) => new Uint8Array(gunzipSync(Buffer.from(text, 'base64'))));

const FileSchema = z.strictObject({
  machine: z.looseObject({ name: z.string() }),
  /** Memory maps with the RAM of ELF core headers, which most loads of a machine have in common. */
  tables: z.array(z.array(z.string())),
  /** A load in words; then the name of an errno, or the segments and the number of a table. */
  loads: z.array(z.strictObject({ load: z.string(), outcome: z.array(z.string()) })),
  segments: z.string().optional(),
  boot: z.strictObject({
    bootParams: packed,
    commandLine: z.string(),
    setupData: z.array(z.strictObject({ type: z.int(), data: packed })),
  }),
  contents: z.array(packed),
});

const number = z.string().transform(BigInt);

const KernelsSchema = z.partialRecord(
  z.enum(ORACLE_RELEASES),
  z.strictObject({
    header: packed,
    length: z.int(),
    purgatory: z.strictObject({ object: packed, bufsz: number, memsz: number, alignment: number }),
  }),
);

/** The names of the machines on which the kernel of a release was asked. */
export function recordedX86Names(release: OracleRelease): string[] {
  const folder = join(FOLDER, release);
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((file) => readFile(join(folder, file)).machine.name);
}

export function readX86Recorded(release: OracleRelease, name: string): RecordedX86 {
  const { machine, tables, loads, segments, boot, contents } = readFile(fileOf(release, name));
  const outcomes = loads.map(({ load, outcome }) => {
    const lines = outcome.flatMap((line) => {
      const table = /^table (\d+)$/.exec(line)?.[1];
      return table === undefined ? [line] : (tables[Number(table)] ?? []);
    });
    return { load, outcome: parseOutcome(lines) };
  });
  const known = addPurgatory(parseMachine(JSON.stringify(machine)), readRecordedKernel(release));
  return { machine: known, outcomes, segments, boot, contents };
}

export function writeX86Recorded(release: OracleRelease, name: string, recorded: RecordedX86): void {
  const { machine, outcomes, segments, boot, contents } = recorded;
  const { unknown: _, ...facts } = removePurgatory(machine);
  const tables: string[] = [];
  const loads = outcomes.map(({ load, outcome }) => {
    const lines = formatOutcome(outcome);
    if (lines.length === 1) return { load, outcome: lines };
    const isTable = (line: string): boolean => /^(e820|RAM) /.test(line);
    const table = JSON.stringify(lines.filter(isTable));
    if (!tables.includes(table)) tables.push(table);
    return {
      load,
      outcome: [...lines.filter((line) => !isTable(line)), `table ${tables.indexOf(table)}`],
    };
  });
  const text = {
    machine: JSON.parse(formatMachine({ ...facts, name })),
    tables: tables.map((table) => JSON.parse(table)),
    loads,
    segments,
    boot: {
      bootParams: pack(boot.bootParams),
      commandLine: boot.commandLine,
      setupData: boot.setupData.map(({ type, data }) => ({ type, data: pack(data) })),
    },
    contents: contents.map(pack),
  };
  mkdirSync(join(FOLDER, release), { recursive: true });
  writeFileSync(fileOf(release, name), `${formatJson(text)}\n`);
}

function removePurgatory(machine: Machine): Machine {
  if (machine.architecture !== 'x86_64') return machine;
  const { purgatory: _, ...x86 } = machine.x86;
  return { ...machine, x86 };
}

/** Removes the file of a machine that is no longer in the list. */
export function removeX86Recorded(release: OracleRelease, name: string): void {
  rmSync(fileOf(release, name));
}

/** Debian's kernel of a release. @throws Error if nothing is recorded for the release */
export function readRecordedKernel(release: OracleRelease): RealKernel {
  const kernel = KernelsSchema.parse(readKernels())[release];
  if (kernel === undefined) throw new Error(`${KERNELS_FILE} has no kernel of Linux ${release}`);
  return kernel;
}

export function writeRecordedKernel(release: OracleRelease, { header, length, purgatory }: RealKernel): void {
  const { object = new Uint8Array(0), bufsz, memsz, alignment } = purgatory;
  const sizes = { bufsz: String(bufsz), memsz: String(memsz), alignment: String(alignment) };
  const kernel = { header: pack(header), length, purgatory: { object: pack(object), ...sizes } };
  writeFileSync(KERNELS_FILE, `${formatJson({ ...readKernels(), [release]: kernel })}\n`);
}

/** The machine with its kernel's purgatory, which the files of machines do not contain. */
export function addPurgatory(machine: Machine, { purgatory }: RealKernel): Machine {
  if (machine.architecture !== 'x86_64') throw new Error(`${machine.name} is no x86_64 machine`);
  return { ...machine, x86: { ...machine.x86, purgatory } };
}

/** Pairs the loads of a machine with the recorded outcomes; undefined if the list has changed since. */
export function pairOutcomes(
  loads: readonly X86Load[],
  { outcomes }: RecordedX86,
): readonly { readonly load: X86Load; readonly outcome: X86Outcome }[] | undefined {
  const isSame =
    loads.length === outcomes.length &&
    loads.every((load, index) => describeX86Load(load) === outcomes[index]?.load);
  return isSame
    ? loads.map((load, index) => ({ load, outcome: outcomes[index]?.outcome ?? 'missing' }))
    : undefined;
}

function readKernels(): object {
  return existsSync(KERNELS_FILE) ? (JSON.parse(readFileSync(KERNELS_FILE, 'utf8')) as object) : {};
}

function fileOf(release: OracleRelease, name: string): string {
  return join(FOLDER, release, `${name.replaceAll(/[^A-Za-z0-9]+/g, '-')}.json`);
}

function readFile(path: string) {
  return FileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
}

function pack(bytes: Uint8Array): string {
  return gzipSync(bytes, { level: 9 }).toString('base64');
}
