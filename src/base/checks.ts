/**
 * Every check that can refuse an input: its rule in one sentence, whose rule it is, its errnos, and what to do. Errors
 * and trails name a check by its key. docs/errors.md is generated from these tables, and `explain`, `doctor` and every
 * refusal print them.
 */
import { ACCESS_CHECKS } from './checks/access-checks.js';
import { BOOT_ENTRY_CHECKS } from './checks/boot-entry-checks.js';
import { CAPTURE_CHECKS } from './checks/capture-checks.js';
import { CRASH_CHECKS } from './checks/crash-checks.js';
import { DEVICE_TREE_CHECKS } from './checks/device-tree-checks.js';
import { FILE_CHECKS } from './checks/file-checks.js';
import { FIRMWARE_CHECKS } from './checks/firmware-checks.js';
import { IMA_CHECKS } from './checks/ima-checks.js';
import { INITRD_CHECKS } from './checks/initrd-checks.js';
import { INSPECTION_CHECKS } from './checks/inspection-checks.js';
import { KDUMP_CHECKS } from './checks/kdump-checks.js';
import { KEYRING_CHECKS } from './checks/keyring-checks.js';
import { LIVE_CHECKS } from './checks/live-checks.js';
import { MACHINE_CHECKS } from './checks/machine-checks.js';
import { NEXT_BOOT_CHECKS } from './checks/next-boot-checks.js';
import { NEXT_KERNEL_CHECKS } from './checks/next-kernel-checks.js';
import { PLACEMENT_CHECKS } from './checks/placement-checks.js';
import { PURGATORY_CHECKS } from './checks/purgatory-checks.js';
import { QEMU_CHECKS } from './checks/qemu-checks.js';
import { RECORDING_CHECKS } from './checks/recording-checks.js';
import type { CheckRule } from './checks/rule.js';
import { SETTINGS_CHECKS } from './checks/settings-checks.js';
import { SIGNATURE_CHECKS } from './checks/signature-checks.js';
import { SIGNING_CHECKS } from './checks/signing-checks.js';
import { SYSTEM_CALL_CHECKS } from './checks/system-call-checks.js';
import { VMCORE_CHECKS } from './checks/vmcore-checks.js';
import type { Errno } from './errno.js';

/** The checks by subject. */
export const CHECK_GROUPS = {
  file: FILE_CHECKS,
  signature: SIGNATURE_CHECKS,
  machine: MACHINE_CHECKS,
  placement: PLACEMENT_CHECKS,
  'device tree': DEVICE_TREE_CHECKS,
  'crash kernel': CRASH_CHECKS,
  purgatory: PURGATORY_CHECKS,
  'system call': SYSTEM_CALL_CHECKS,
  'next boot': NEXT_BOOT_CHECKS,
  firmware: FIRMWARE_CHECKS,
  'next kernel': NEXT_KERNEL_CHECKS,
  initrd: INITRD_CHECKS,
  'this machine': LIVE_CHECKS,
  files: ACCESS_CHECKS,
  IMA: IMA_CHECKS,
  keyrings: KEYRING_CHECKS,
  signing: SIGNING_CHECKS,
  'machine files': RECORDING_CHECKS,
  settings: SETTINGS_CHECKS,
  'boot entries': BOOT_ENTRY_CHECKS,
  capture: CAPTURE_CHECKS,
  'kdump service': KDUMP_CHECKS,
  vmcores: VMCORE_CHECKS,
  inspect: INSPECTION_CHECKS,
  QEMU: QEMU_CHECKS,
} as const;

/** The groups of the checks that a load makes, in their order. */
export const LOAD_GROUPS: readonly CheckGroup[] = [
  'file',
  'signature',
  'machine',
  'placement',
  'device tree',
  'crash kernel',
  'purgatory',
  'system call',
];

/** The subject of a check. */
export type CheckGroup = keyof typeof CHECK_GROUPS;

/** One table of all the checks in several. */
type Merged<Tables> = (Tables extends unknown ? (table: Tables) => void : never) extends (
  table: infer Table,
) => void
  ? Table
  : never;

const TABLE = /* @__PURE__ */ Object.assign({}, ...Object.values(CHECK_GROUPS)) as Merged<
  (typeof CHECK_GROUPS)[CheckGroup]
>;

/** The name of a check. */
export type Check = keyof typeof TABLE;

/** An errno that a check declares. */
export type ErrnoOf<C extends Check> = (typeof TABLE)[C]['errnos'][number];

export const CHECKS: Readonly<Record<Check, CheckRule>> = TABLE;

export type { CheckRule, Errno };

/** Finds the subject of a check. */
export function findGroup(check: Check): CheckGroup {
  const groups = Object.keys(CHECK_GROUPS) as CheckGroup[];
  return groups.find((group) => check in CHECK_GROUPS[group]) as CheckGroup;
}
