import { openAcpiTable } from './acpi-table.js';
import { GENERIC_ADDRESS_SIZE, type GenericAddress, readGenericAddress } from './generic-address.js';

/** What the FADT says about PSCI. */
export interface ArmBootFlags {
  readonly hasPsci: boolean;
  /** Whether PSCI is called by HVC, not by SMC. Meaningless without PSCI. */
  readonly usesHvc: boolean;
}

/** A register of which a write resets the machine. */
export interface ResetRegister {
  readonly register: GenericAddress;
  /** The byte that resets. */
  readonly value: number;
}

const FLAGS_AT = 112;
const RESET_REG_AT = 116;
const RESET_VALUE_AT = RESET_REG_AT + GENERIC_ADDRESS_SIZE;
const ARM_BOOT_FLAGS_AT = 129;
const MINOR_REVISION_AT = 131;
const RESET_REG_SUP = 1 << 10;
const PSCI_COMPLIANT = 1 << 0;
const PSCI_USE_HVC = 1 << 1;

/** The first version with RESET_REG: ACPI 2.0. */
const FIRST_WITH_RESET = 2;

/** The first version with ARM_BOOT_ARCH. */
const FIRST_MAJOR = 5;
const FIRST_MINOR = 1;

/**
 * Parses the Fixed ACPI Description Table, `FACP` (ACPI Specification 6.5, section 5.2.9): its Arm boot architecture
 * flags. Arm's kernels use no ACPI without them (kernel function `acpi_fadt_sanity_check()`).
 *
 * @throws KexecError EBADMSG, `acpi-table`: as {@link openAcpiTable}, or the table is of a version before 5.1.
 */
export function parseArmBootFlags(file: Uint8Array): ArmBootFlags {
  const { revision, bytes } = openAcpiTable(file, 'FACP', MINOR_REVISION_AT + 1);
  // The upper four bits count errata.
  const minor = bytes.u8(MINOR_REVISION_AT) & 0xf;
  if (revision < FIRST_MAJOR || (revision === FIRST_MAJOR && minor < FIRST_MINOR))
    bytes.fail(`version ${revision}.${minor} has no Arm boot flags`, MINOR_REVISION_AT);
  const flags = bytes.u16le(ARM_BOOT_FLAGS_AT);
  return { hasPsci: (flags & PSCI_COMPLIANT) !== 0, usesHvc: (flags & PSCI_USE_HVC) !== 0 };
}

/**
 * Parses the reset register of the same table. Its width and bit offset are ignored, as the kernel (`acpi_reboot()`) and
 * Windows ignore them: it is a byte.
 *
 * @returns undefined if the machine has none: the table is of a version before 2, its flags lack RESET_REG_SUP, or the
 *   address is 0
 * @throws KexecError EBADMSG, `acpi-table`: as {@link openAcpiTable}, or the register lies beyond the table.
 */
export function parseResetRegister(file: Uint8Array): ResetRegister | undefined {
  const { revision, bytes } = openAcpiTable(file, 'FACP', RESET_REG_AT);
  if (revision < FIRST_WITH_RESET || (bytes.u32le(FLAGS_AT) & RESET_REG_SUP) === 0) return undefined;
  const register = readGenericAddress(bytes, RESET_REG_AT);
  return register.address === 0n ? undefined : { register, value: bytes.u8(RESET_VALUE_AT) };
}
