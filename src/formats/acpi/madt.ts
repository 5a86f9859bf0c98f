import type { BoundedBytes } from '../../base/bytes.js';
import { ACPI_HEADER_SIZE, openAcpiTable } from './acpi-table.js';

/** A CPU: the MADT's GIC CPU interface structure (GICC). */
export interface MadtCpu {
  /** Whether it is enabled, or may be brought online later. The others do not exist. */
  readonly isUsable: boolean;
  /** The version of the parking protocol that it waits with; 0 if it does not. */
  readonly parkingVersion: number;
  /** Physical address of its mailbox; 0 if it has none. */
  readonly parkedAddress: bigint;
}

/** Interrupt controllers and CPUs. */
export interface Madt {
  readonly cpus: readonly MadtCpu[];
  /** The GIC's version, 1 to 4; undefined without a distributor or if firmware leaves its version open (0). */
  readonly gicVersion: number | undefined;
  /** The number of interrupt translation services (ITS). */
  readonly itsCount: number;
}

/** Structures begin after the local interrupt controller's address and the flags. */
const STRUCTURES_AT = ACPI_HEADER_SIZE + 8;

const GICC = 0x0b;
const GICD = 0x0c;
const ITS = 0x0f;

/** The fewest bytes of each; ACPI 5.1 defined GICC with these, and later versions added to it. */
const MINIMUM_SIZES: Readonly<Record<number, number>> = { [GICC]: 76, [GICD]: 24, [ITS]: 20 };

const CPU_ENABLED = 1 << 0;
const CPU_ONLINE_CAPABLE = 1 << 3;
const MAX_GIC_VERSION = 4;

/**
 * Parses the Multiple APIC Description Table, `APIC` (ACPI Specification 6.5, section 5.2.12): its structures of Arm's
 * Generic Interrupt Controller. Others are skipped.
 *
 * @throws KexecError EBADMSG, `acpi-table`: as {@link openAcpiTable}; a structure that is too short or goes beyond the
 *   table, two distributors, or a GIC of an unknown version.
 */
export function parseMadt(file: Uint8Array): Madt {
  const { bytes } = openAcpiTable(file, 'APIC', STRUCTURES_AT);
  const cpus: MadtCpu[] = [];
  const versions: number[] = [];
  let itsCount = 0;
  // Each structure has at least two bytes, so that the loop ends.
  for (let at = STRUCTURES_AT; at < bytes.length; ) {
    const type = bytes.u8(at);
    const size = bytes.u8(at + 1);
    const minimum = MINIMUM_SIZES[type] ?? 2;
    if (size < minimum)
      bytes.fail(`a structure of type ${type} has ${size} bytes, fewer than ${minimum}`, at);
    bytes.slice(at, size, `a structure of type ${type}`);
    if (type === GICC) cpus.push(readCpu(bytes, at));
    if (type === GICD) versions.push(bytes.u8(at + 20));
    if (type === ITS) itsCount += 1;
    at += size;
  }
  const [version = 0, second] = versions;
  if (second !== undefined) bytes.fail('it has two distributors of the GIC');
  if (version > MAX_GIC_VERSION) bytes.fail(`its GIC has version ${version}`);
  return { cpus, gicVersion: version === 0 ? undefined : version, itsCount };
}

function readCpu(bytes: BoundedBytes, at: number): MadtCpu {
  return {
    isUsable: (bytes.u32le(at + 12) & (CPU_ENABLED | CPU_ONLINE_CAPABLE)) !== 0,
    parkingVersion: bytes.u32le(at + 16),
    parkedAddress: bytes.u64le(at + 24),
  };
}
