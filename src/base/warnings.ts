import { NEXT_BOOT_CHECKS } from './checks/next-boot-checks.js';
import { CHECKS, type Check } from './checks.js';
import { KexecError, type RefusalKind, refusalArguments } from './error.js';
import type { TrailEntry } from './trail.js';

/** The checks whose notes say that the next kernel lacks something it needs, or may lie where it should not. */
const WARNING_CHECKS: readonly Check[] = [
  ...(Object.keys(NEXT_BOOT_CHECKS) as (keyof typeof NEXT_BOOT_CHECKS)[]),
  'segment-cma',
  'initrd-kind',
  'initrd-settings',
  'initrd-whole',
  'initrd-members',
];

/** Whether a check warns: its notes are warnings, which `--strict` turns into refusals. */
export function isWarningCheck(check: Check): boolean {
  return WARNING_CHECKS.includes(check);
}

/** Lists the warnings of a trail: the notes about what strands the next kernel. */
export function listWarnings(trail: readonly TrailEntry[]): TrailEntry[] {
  return trail.filter(({ check, verdict }) => verdict === 'note' && isWarningCheck(check));
}

/** The refusal of a load under `--strict`: its first warning. Undefined without a warning. */
export function findStrictRefusal(trail: readonly TrailEntry[]): KexecError | undefined {
  const [first] = listWarnings(trail);
  if (first === undefined) return undefined;
  const { check, detail, cure } = first;
  // Each of these checks declares one errno.
  const kind = { check, errno: CHECKS[check].errnos[0] } as RefusalKind;
  return new KexecError(
    ...refusalArguments(kind, `${detail} (--strict turns warnings into refusals)`, { cure }),
  );
}
