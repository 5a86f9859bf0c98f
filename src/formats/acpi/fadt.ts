import { openAcpiTable } from './acpi-table.js';

/** What the FADT says about PSCI. */
export interface Fadt {
  readonly hasPsci: boolean;
  /** Whether PSCI is called by HVC, not by SMC. Meaningless without PSCI. */
  readonly usesHvc: boolean;
}

const ARM_BOOT_FLAGS_AT = 129;
const MINOR_REVISION_AT = 131;
const PSCI_COMPLIANT = 1 << 0;
const PSCI_USE_HVC = 1 << 1;

/** The first version with ARM_BOOT_ARCH. */
const FIRST_MAJOR = 5;
const FIRST_MINOR = 1;

/**
 * Parses the Fixed ACPI Description Table, `FACP` (ACPI Specification 6.5, section 5.2.9): its Arm boot architecture
 * flags. Arm's kernels use no ACPI without them (kernel function `acpi_fadt_sanity_check()`).
 *
 * @throws KexecError EBADMSG, `acpi-table`: as {@link openAcpiTable}, or the table is of a version before 5.1.
 */
export function parseFadt(file: Uint8Array): Fadt {
  const { revision, bytes } = openAcpiTable(file, 'FACP', MINOR_REVISION_AT + 1);
  // The upper four bits count errata.
  const minor = bytes.u8(MINOR_REVISION_AT) & 0xf;
  if (revision < FIRST_MAJOR || (revision === FIRST_MAJOR && minor < FIRST_MINOR))
    bytes.fail(`version ${revision}.${minor} has no Arm boot flags`, MINOR_REVISION_AT);
  const flags = bytes.u16le(ARM_BOOT_FLAGS_AT);
  return { hasPsci: (flags & PSCI_COMPLIANT) !== 0, usesHvc: (flags & PSCI_USE_HVC) !== 0 };
}
