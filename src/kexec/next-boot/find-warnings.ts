import type { NEXT_BOOT_CHECKS } from '../../base/checks/next-boot-checks.js';
import { decideCommandLine } from '../../kernel-file/built-in-command-line.js';
import {
  DECOMPRESSOR_OPTIONS,
  describeRecompression,
} from '../../kernel-file/initrd/decompressor-options.js';
import type { InitrdProblem } from '../../kernel-file/initrd/initrd-report.js';
import { findLostConsole } from '../../machine/console-devices.js';
import { isBuiltIn } from '../../machine/kernel-config.js';
import type { MachineFacts } from '../../machine/machine-facts.js';
import { findRoot, findRunningInitrd, needsInitrd } from '../../machine/root-device.js';
import type { NextBoot } from './next-boot.js';

/** Something that the next kernel lacks. */
export interface Warning {
  readonly check: keyof typeof NEXT_BOOT_CHECKS | InitrdProblem['check'];
  /** What was seen, and what follows from it. */
  readonly seen: string;
  /** What to do. */
  readonly cure: string;
}

const NO_INIT = 'the next kernel finds no init, and stops';

/**
 * Finds what strands a machine once the next kernel runs, as far as it is certain: the kernel loads all of it.
 *
 * @param machine - with the running kernel
 */
export function findWarnings(next: NextBoot, machine: MachineFacts): Warning[] {
  return [
    ...warnOfUefi(next),
    ...warnOfCommandLine(next, machine),
    ...warnOfRoot(next),
    ...warnOfMissingInitrd(next, machine),
    ...warnOfInitrd(next),
    ...warnOfConsole(next, machine),
  ];
}

function warnOfUefi({ uefiFault }: NextBoot): Warning[] {
  if (uefiFault === undefined) return [];
  const { seen, outcome, cure } = uefiFault;
  return [{ check: 'uefi-properties', seen: `${seen}: ${outcome}`, cure }];
}

function warnOfCommandLine({ commandLine, options, type }: NextBoot, machine: MachineFacts): Warning[] {
  const { text, isForced } = decideCommandLine(commandLine, options);
  const given = commandLine.trim();
  if (isForced && given !== '' && given !== text) return [warnOfForced(text)];
  if (text.trim() !== '') return [];
  const running =
    machine.commandLine === undefined ? '' : `; the running kernel's is "${machine.commandLine}"`;
  return [
    {
      check: 'command-line-present',
      seen: `the next kernel gets no command line${running}`,
      cure: `give one with --command-line, or reuse the running kernel's with ${reuseOption(type)}`,
    },
  ];
}

function warnOfForced(builtIn: string): Warning {
  return {
    check: 'command-line-present',
    seen: `the next kernel has CONFIG_CMDLINE_FORCE: it ignores its command line, and starts with "${builtIn}"`,
    cure: 'load a kernel without CONFIG_CMDLINE_FORCE, or give no command line if the one built in is right',
  };
}

function reuseOption(type: NextBoot['type']): string {
  return type === 'crash' ? '--capture-cmdline' : '--reuse-cmdline';
}

/** A kernel may have an initramfs built in, and a command line. */
function warnOfRoot({ commandLine, initrd, options, type }: NextBoot): Warning[] {
  if (initrd !== undefined || (options?.INITRAMFS_SOURCE ?? '') !== '') return [];
  const root = findRoot(decideCommandLine(commandLine, options).text);
  if (root !== undefined && !needsInitrd(root)) return [];
  const what =
    root === undefined
      ? 'no root= and no initrd'
      : `root=${root}, which only an initrd can find, and no initrd`;
  const cure =
    type === 'crash'
      ? 'load a capture initrd (--initrd; kexec-file crash initrd builds one)'
      : root === undefined
        ? 'load an initrd (--initrd), or a command line whose root= the kernel can mount without one'
        : 'load an initrd (--initrd), or name the root by its device or PARTUUID=';
  return [{ check: 'root-device', seen: `${what}: ${NO_INIT}`, cure }];
}

function warnOfMissingInitrd({ initrd, options, release, type }: NextBoot, machine: MachineFacts): Warning[] {
  const evidence = findRunningInitrd(machine);
  if (initrd !== undefined || evidence === undefined || (options?.INITRAMFS_SOURCE ?? '') !== '') return [];
  const cure =
    type === 'crash'
      ? 'load the capture initrd with --initrd; kexec-file crash initrd builds one'
      : `load one with --initrd: ${nameInitrds(release)}`;
  return [
    {
      check: 'initrd-present',
      seen: `the next kernel gets no initrd, and the running kernel had one (${evidence})`,
      cure,
    },
  ];
}

/** The files in which distributions keep the initrd of a release: its modules are for that kernel alone. */
function nameInitrds(release = '…'): string {
  return `Debian's are /boot/initrd.img-${release}, Fedora's /boot/initramfs-${release}.img`;
}

function warnOfInitrd({ initrd, options }: NextBoot): Warning[] {
  if (initrd === undefined) return [];
  const { problem } = initrd;
  const problems = problem === undefined ? [] : [describeProblem(problem)];
  if (isBuiltIn(options, 'BLK_DEV_INITRD') === false) {
    const seen = 'the next kernel has no CONFIG_BLK_DEV_INITRD: it ignores the initrd';
    return [
      ...problems,
      { check: 'initrd-support', seen, cure: 'load a kernel with CONFIG_BLK_DEV_INITRD=y' },
    ];
  }
  const lacking = [...new Set(initrd.kinds)].filter(
    (kind) => isBuiltIn(options, DECOMPRESSOR_OPTIONS[kind]) === false,
  );
  return [
    ...problems,
    ...lacking.map((kind) => ({
      check: 'initrd-support' as const,
      seen: `the initrd is compressed with ${kind}, and the next kernel has no CONFIG_${DECOMPRESSOR_OPTIONS[kind]}: ${NO_INIT}`,
      cure: describeRecompression(options),
    })),
  ];
}

function describeProblem({ check, seen, cure }: InitrdProblem): Warning {
  return { check, seen: `the next kernel cannot unpack the initrd: ${seen}`, cure };
}

/** A command line that is missing or ignored has a warning of its own. */
function warnOfConsole({ commandLine, options, type }: NextBoot, machine: MachineFacts): Warning[] {
  const { text, isForced } = decideCommandLine(commandLine, options);
  if (commandLine.trim() === '' || isForced) return [];
  const lost = findLostConsole(machine, text);
  if (lost === undefined) return [];
  const { device, by, next } = lost;
  const own =
    next === undefined
      ? 'no console='
      : next.length === 0
        ? 'console=null'
        : `console=${next.join(' console=')}`;
  return [
    {
      check: 'console',
      seen: `the next kernel has ${own}, and the running one prints to ${device} (${by}): its output may be lost`,
      cure: `add console=${device}, or reuse the running command line (${reuseOption(type)})`,
    },
  ];
}
