import type { Range } from '../../base/range.js';
import { hex, MIB, minimum } from '../../base/u64.js';
import { BOOT_PARAMS_AT as AT, BOOT_PARAMS_SIZE, E820_ENTRY_SIZE } from '../../formats/boot-params-fields.js';
import { copySetupHeader, SETUP_HEADER_OFFSET } from '../../formats/bzimage/header.js';
import { E820_RAM } from '../../formats/e820.js';
import type { E820Entry, X86Machine } from '../../machine/x86-64/x86-machine.js';
import type { BootParamsLayout } from './boot-params-layout.js';
import { EFI_DESCRIPTOR_SIZE, findEfiState } from './efi-state.js';
import { readRunningBootParams } from './running-boot-params.js';
import { type SetupDataFacts, writeSetupData } from './setup-data.js';

/** The boot loader of a kernel that kexec loads, in `type_of_loader`. */
const LOADER_KEXEC = 0xd0;

const SCREEN_INFO_SIZE = 64;
const EDD_SIGNATURES_SIZE = 64;
const EDD_SIZE = 6 * 82;

/** ext_mem_k has room for 64 MiB less one. */
const MAX_EXT_MEM_K = 0xfc00n;

/** What goes into the block. */
export interface BootParamsFacts extends SetupDataFacts {
  /** The bzImage, whose setup header is copied. */
  readonly kernel: Uint8Array;
  readonly machine: X86Machine;
  /** With its NUL; undefined if there is none. */
  readonly commandLine: Uint8Array | undefined;
  /** The physical address of the ELF core header of a crash kernel. */
  readonly elfcorehdr: bigint | undefined;
  /** That of dm-crypt keys for a crash kernel. */
  readonly dmCryptKeys: bigint | undefined;
  readonly initrd: Range | undefined;
  readonly e820: readonly E820Entry[];
  /** The physical address of the block itself. */
  readonly address: bigint;
}

/**
 * Builds the block of boot parameters for the next kernel, step by step as the kernel does, so that the same machine and facts
 * give the same bytes. Kernel functions `bzImage64_load()`, `setup_boot_parameters()`, `setup_efi_state()`, `setup_cmdline()`.
 *
 * @param layout - where its parts are
 */
export function buildBootParams(facts: BootParamsFacts, layout: BootParamsLayout): Uint8Array {
  const block = new BootParamsWriter(layout.size);
  const { machine, initrd, kernel } = facts;
  block.bytes.set(copySetupHeader(kernel), SETUP_HEADER_OFFSET);
  if (initrd !== undefined) block.setInitrd(initrd);
  block.setCommandLine(facts);
  block.set8(AT.typeOfLoader, LOADER_KEXEC);
  block.set8(AT.loadflags, 0);
  block.copyRunning(machine);
  block.setE820(facts.e820);
  block.setEfi(facts, layout);
  writeSetupData(block.bytes, facts, layout);
  return block.bytes;
}

class BootParamsWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  set8(at: number, value: number): void {
    this.#view.setUint8(at, value);
  }

  setInitrd({ start, end }: Range): void {
    this.#setHalves(AT.ramdiskImage, AT.extRamdiskImage, start);
    this.#setHalves(AT.ramdiskSize, AT.extRamdiskSize, end - start);
  }

  /** The last byte of the text is overwritten by a NUL: without a command line, the blank behind the last parameter. */
  setCommandLine({ commandLine = new Uint8Array(0), address, ...places }: BootParamsFacts): void {
    const format = (name: string, value: bigint | undefined): string =>
      value === undefined ? '' : `${name}=${hex(value)} `;
    const prefix = `${format('elfcorehdr', places.elfcorehdr)}${format('dmcryptkeys', places.dmCryptKeys)}`;
    const start = new TextEncoder().encode(prefix);
    this.bytes.set(start, BOOT_PARAMS_SIZE);
    this.bytes.set(commandLine, BOOT_PARAMS_SIZE + start.length);
    this.set8(BOOT_PARAMS_SIZE + start.length + commandLine.length - 1, 0);
    this.#setHalves(AT.cmdLinePtr, AT.extCmdLinePtr, address + BigInt(BOOT_PARAMS_SIZE));
  }

  /** What the running kernel's own block has, and passes on. */
  copyRunning(machine: X86Machine): void {
    const running = readRunningBootParams(machine);
    const copy = (at: number, length: number): void => {
      this.bytes.set(new Uint8Array(running.buffer, at, length), at);
    };
    copy(AT.hardwareSubarch, 4);
    copy(0, SCREEN_INFO_SIZE);
    this.#view.setUint16(AT.extMemK, 0, true);
    const rsdp = running.getBigUint64(AT.rsdp, true);
    this.#view.setBigUint64(AT.rsdp, rsdp === 0n ? (machine.x86.efiHandOver?.rsdp ?? 0n) : rsdp, true);
    copy(AT.edd, EDD_SIZE);
    copy(AT.eddEntries, 1);
    copy(AT.eddSignatures, EDD_SIGNATURES_SIZE);
  }

  setE820(entries: readonly E820Entry[]): void {
    this.set8(AT.e820Entries, entries.length);
    for (const [index, { range, type }] of entries.entries()) {
      const at = AT.e820Table + index * E820_ENTRY_SIZE;
      this.#view.setBigUint64(at, range.start, true);
      this.#view.setBigUint64(at + 8, range.end - range.start, true);
      this.#view.setUint32(at + 16, type, true);
      if (type === E820_RAM && range.start <= MIB && range.end - 1n > MIB) this.#setMemory(range.end - 1n);
    }
  }

  /** @param last - the last byte of the RAM that has the address 1 MiB */
  #setMemory(last: bigint): void {
    const kilobytes = (last >> 10n) - 1024n;
    this.#view.setUint16(AT.extMemK, Number(minimum(kilobytes, MAX_EXT_MEM_K)), true);
    this.#view.setUint32(AT.altMemK, Number(minimum(kilobytes, 0xffff_ffffn)), true);
  }

  /**
   * The EFI runtime map, which the next kernel maps where this one has it, and what finds it. A kernel that gets nothing of it
   * still locks itself down under Secure Boot.
   */
  setEfi({ machine, handsEfiOver, address }: BootParamsFacts, { efiMap }: BootParamsLayout): void {
    const efi = findEfiState(machine);
    if (efi === undefined) return;
    const { running, handOver } = efi;
    this.set8(AT.secureBoot, running.getUint8(AT.secureBoot));
    if (!handsEfiOver) return;
    for (const at of [AT.efiSignature, AT.efiSystab, AT.efiSystabHigh, AT.efiDescriptorVersion])
      this.#view.setUint32(at, running.getUint32(at, true), true);
    this.#view.setUint32(AT.efiDescriptorSize, EFI_DESCRIPTOR_SIZE, true);
    const mapAddress = address + BigInt(efiMap);
    this.#view.setUint32(AT.efiMap, Number(BigInt.asUintN(32, mapAddress)), true);
    this.#view.setUint32(AT.efiMapHigh, Number(mapAddress >> 32n), true);
    this.#view.setUint32(AT.efiMapSize, handOver.runtimeMap.length * EFI_DESCRIPTOR_SIZE, true);
    for (const [index, region] of handOver.runtimeMap.entries()) {
      const at = efiMap + index * EFI_DESCRIPTOR_SIZE;
      this.#view.setUint32(at, region.type, true);
      const numbers = [region.physical, region.virtual, region.pages, region.attribute];
      for (const [field, number] of numbers.entries())
        this.#view.setBigUint64(at + 8 + field * 8, number, true);
    }
  }

  #setHalves(low: number, high: number, value: bigint): void {
    this.#view.setUint32(low, Number(BigInt.asUintN(32, value)), true);
    this.#view.setUint32(high, Number(value >> 32n), true);
  }
}
