import { refuse } from '../base/error.js';
import type { QemuOptions } from './machine-facts.js';
import { listBoards, QEMU_BOARDS, type QemuBoard, type QemuBoardName } from './qemu-boards.js';

/** The forms of the options beside the board. None has a comma but before a property, and none begins with a dash. */
export const QEMU_PATTERNS = {
  cpu: /^[A-Za-z][A-Za-z0-9_-]{0,40}(?:,[a-z][a-z0-9_.-]{0,40}=(?:on|off|\d{1,10})){0,32}$/,
  // Without a flag, which JSON Schema could not express.
  memory: /^\d{1,9}(?:\.\d{1,3})?[kKmMgGtT]?$/,
} as const;

/** The most CPUs: a bound for typing errors; QEMU has its own. */
export const MAX_QEMU_CPUS = 9999;

/** What each of these options must be, for people. */
export const QEMU_FORMS = {
  cpu: 'must be the name of a CPU model, with properties that are on, off, or a number',
  memory: 'must be a size such as 2048 or 2G',
  cpus: `must be a whole number from 1 to ${MAX_QEMU_CPUS}`,
} as const;

const CURES = {
  cpu: 'give --cpu the name of a model, which QEMU lists: qemu-system-aarch64 -M virt -cpu help, qemu-system-x86_64 -cpu help',
  memory: 'give --memory a number of MiB, or one with K, M, G or T: --memory 2G',
} as const;

/**
 * The form of a board with properties, the value of `-M`.
 *
 * @param architecture - whose boards; all if left out
 */
export function buildBoardPattern(architecture?: QemuBoard['architecture']): RegExp {
  return new RegExp(`^(?:${listBoards(architecture).map(formBoard).join('|')})$`);
}

function formBoard(name: QemuBoardName): string {
  const { versioned, properties }: QemuBoard = QEMU_BOARDS[name];
  const settings = Object.entries(properties).map(([property, values]) => `${property}=(?:${values})`);
  const more = settings.length === 0 ? '' : `(?:,(?:${settings.join('|')})){0,16}`;
  return `(?:${name}|${versioned})${more}`;
}

/** What the value of `-M` must be, for people. @param architecture - as of {@link buildBoardPattern} */
export function describeBoardForm(architecture?: QemuBoard['architecture']): string {
  const forms = listBoards(architecture).map((name) => {
    const { example, properties }: QemuBoard = QEMU_BOARDS[name];
    const names = Object.keys(properties).join(', ');
    return `${name}, or a version of it such as ${example}${names === '' ? '' : `, with ${names} at most`}`;
  });
  return `must be ${forms.join('; or ')}`;
}

/**
 * Refuses options for QEMU that are anything but a board, a CPU model and sizes: every start of QEMU calls it, wherever
 * the options came from.
 *
 * @throws KexecError `EINVAL`, check `qemu-options`.
 */
export function checkQemuOptions(options: QemuOptions): void {
  if (!buildBoardPattern().test(options.machine))
    refuseOption(`machine is ${JSON.stringify(options.machine)}; it ${describeBoardForm()}`);
  for (const name of ['cpu', 'memory'] as const) {
    if (!QEMU_PATTERNS[name].test(options[name]))
      refuseOption(`${name} is ${JSON.stringify(options[name])}; it ${QEMU_FORMS[name]}`, CURES[name]);
  }
  const { cpus } = options;
  if (!Number.isInteger(cpus) || cpus < 1 || cpus > MAX_QEMU_CPUS)
    refuseOption(`cpus is ${cpus}; it ${QEMU_FORMS.cpus}`);
}

function refuseOption(seen: string, cure?: string): never {
  refuse('qemu-options', 'EINVAL', seen, { cure });
}
