import { NEXT_BOOT_CHECKS } from '../../base/checks/next-boot-checks.js';
import { attempt, KexecError } from '../../base/error.js';
import { findNode, getProperty } from '../../formats/fdt/edit.js';
import type { Fdt } from '../../formats/fdt/tree.js';
import { readRequiredUefiProperties } from '../../kernel-file/required-uefi-properties.js';
import { findMemory } from '../../machine/device-tree-memory.js';
import { readSecureBoot } from '../../machine/efi-variables.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import { SECURE_BOOT_PROPERTY, UEFI_PROPERTIES } from '../../machine/uefi-properties.js';

/** Why the next kernel of a UEFI machine ignores UEFI. */
export interface UefiFault {
  /** What was seen. */
  readonly seen: string;
  /** What follows from it. */
  readonly outcome: string;
  /** Whether it finds no memory then: its device tree describes none. */
  readonly isFatal: boolean;
  readonly cure: string;
}

/** The values of the property, as the stub writes them: `enum efi_secureboot_mode`. */
const MODES = { unknown: 1, off: 2, on: 3 } as const;

/**
 * Finds why the next kernel ignores UEFI's memory map and ACPI's tables on a machine that has them.
 *
 * @param tree - the device tree that it gets
 * @param kernel - its Image
 * @returns undefined if it finds all that it asks for, or the machine has no UEFI
 * @throws KexecError `EINVAL` if the kernel is no Image
 */
export function findUefiFault(tree: Fdt, kernel: Uint8Array, machine: MachineFacts): UefiFault | undefined {
  // Xen describes UEFI's tables in this node, in place of /chosen.
  if (!hasUefi(tree, machine) || findNode(tree, '/hypervisor/uefi') !== undefined) return undefined;
  const required = readRequiredUefiProperties(kernel);
  const missing = findMissing(tree, required);
  if (required.length > 0 && missing.length === 0) return undefined;
  const memory = attempt(() => findMemory(tree, machine.pageSize));
  const isFatal = memory instanceof KexecError || memory.length === 0;
  return {
    ...(required.length === 0 ? WITHOUT_EFI : describeMissing(missing, machine)),
    outcome: isFatal
      ? "it ignores UEFI's memory map, finds no memory, and panics before it can print without earlycon"
      : 'it boots by the device tree alone, without UEFI and ACPI, and may use memory that firmware reserved',
    isFatal,
  };
}

const WITHOUT_EFI = {
  seen: 'the next kernel has no EFI stub: it was built without CONFIG_EFI',
  cure: 'load a kernel with CONFIG_EFI=y and CONFIG_ACPI=y',
} as const;

function hasUefi(tree: Fdt, { acpi }: MachineFacts): boolean {
  return acpi !== undefined || findMissing(tree, UEFI_PROPERTIES).length < UEFI_PROPERTIES.length;
}

function findMissing(tree: Fdt, names: readonly string[]): string[] {
  const chosen = findNode(tree, '/chosen');
  return names.filter((name) => chosen === undefined || getProperty(chosen, name) === undefined);
}

function describeMissing(
  missing: readonly string[],
  machine: MachineFacts,
): Pick<UefiFault, 'seen' | 'cure'> {
  const isPatchAlone = missing.every((name) => name === SECURE_BOOT_PROPERTY);
  return {
    seen: `the next kernel asks for ${missing.join(', ')} in /chosen, which its device tree does not have`,
    cure: isPatchAlone ? describeAddition(machine) : NEXT_BOOT_CHECKS['uefi-properties'].cure,
  };
}

/** A load reads the running tree from this path. --dtb needs a board, which a tree with /chosen alone does not name. */
function describeAddition(machine: MachineFacts): string {
  const isOn = readSecureBoot(machine);
  const mode = MODES[isOn === undefined ? 'unknown' : isOn ? 'on' : 'off'];
  return (
    `add it to a copy of /sys/firmware/fdt (fdtput -t x COPY /chosen ${SECURE_BOOT_PROPERTY} ${mode}), show the copy there ` +
    '(mount --bind COPY /sys/firmware/fdt), and load with --syscall segments; or load a kernel that does not ask for it'
  );
}
