import { refuse } from '../base/error.js';
import type { QemuOptions } from './machine-facts.js';

/**
 * What a machine file may ask of QEMU's virt board. QEMU's options can name files to read and to overwrite (`dumpdtb=`,
 * `firmware=`), and a machine file is data of other people. So only these properties may be set, and only to these
 * values.
 */
const BOARD_PROPERTIES: Readonly<Record<string, string>> = {
  acpi: 'on|off|auto',
  'gic-version': '2|3|4|max|host',
  highmem: 'on|off',
  iommu: 'none|smmuv3',
  its: 'on|off',
  mte: 'on|off',
  ras: 'on|off',
  secure: 'on|off',
  virtualization: 'on|off',
};

const PROPERTIES = Object.entries(BOARD_PROPERTIES).map(([name, values]) => `${name}=(?:${values})`);

/** The forms of the options. None has a comma but before a property, and none begins with a dash. */
export const QEMU_PATTERNS = {
  machine: new RegExp(`^virt(?:-\\d{1,2}\\.\\d)?(?:,(?:${PROPERTIES.join('|')})){0,16}$`),
  cpu: /^[a-z][a-z0-9-]{0,40}(?:,[a-z][a-z0-9-]{0,40}=(?:on|off|\d{1,10})){0,32}$/,
  // Without a flag, which JSON Schema could not express.
  memory: /^\d{1,9}(?:\.\d{1,3})?[kKmMgGtT]?$/,
} as const;

/** The most CPUs: a bound for typing errors; QEMU has its own. */
export const MAX_QEMU_CPUS = 9999;

/** What each option must be, for people. */
export const QEMU_FORMS = {
  machine: `must be virt, or a version of it such as virt-7.2, with ${Object.keys(BOARD_PROPERTIES).join(', ')} at most`,
  cpu: 'must be the name of a CPU model, with properties that are on, off, or a number',
  memory: 'must be a size such as 2048 or 2G',
  cpus: `must be a whole number from 1 to ${MAX_QEMU_CPUS}`,
} as const;

const CURES = {
  machine: undefined,
  cpu: 'give --cpu the name of a model: qemu-system-aarch64 -M virt -cpu help lists them',
  memory: 'give --memory a number of MiB, or one with K, M, G or T: --memory 2G',
} as const;

/**
 * Refuses options for QEMU that are anything but a board, a CPU model and sizes: every start of QEMU calls it, wherever
 * the options came from.
 *
 * @throws KexecError `EINVAL`, check `qemu-options`.
 */
export function checkQemuOptions(options: QemuOptions): void {
  for (const name of ['machine', 'cpu', 'memory'] as const) {
    if (!QEMU_PATTERNS[name].test(options[name]))
      refuse(
        'qemu-options',
        'EINVAL',
        `${name} is ${JSON.stringify(options[name])}; it ${QEMU_FORMS[name]}`,
        {
          cure: CURES[name],
        },
      );
  }
  const { cpus } = options;
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > MAX_QEMU_CPUS)
    refuse('qemu-options', 'EINVAL', `cpus is ${cpus}; it ${QEMU_FORMS.cpus}`);
}
