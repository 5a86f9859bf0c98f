import { CHECKS } from '../../base/checks.js';
import { hex } from '../../base/u64.js';
import { isOurs, type KdumpTools, type Makedumpfile } from '../../machine/kdump-tools.js';
import type { Machine } from '../../machine/machine-value.js';
import { findDumpService, isSwitchedOff, usesMakedumpfile } from '../dump-service.js';
import type { Finding } from '../finding.js';
import {
  findNewestKernel,
  hasOnlyCompoundInfo,
  isTried,
  LAST_TRIED,
  readConfiguredVaBits,
  supportsAddresses,
} from '../makedumpfile-support.js';

const FRAME = {
  topic: 'dump',
  about: 'kdump',
  source: 'the program makedumpfile; NUMBER(VA_BITS) of VMCOREINFO; calculate_plat_config() of makedumpfile',
} as const;

/** How kexec-file saves instead. */
const REPLACE =
  'let kexec-file take the place of makedumpfile (Debian: install the package kexec-file-makedumpfile)';

/** Finds whether the makedumpfile that is installed can read a dump of the running kernel. */
export function diagnoseDumpTool(machine: Machine): Finding[] {
  const { kdumpTools } = machine;
  if (kdumpTools === undefined) return warnOfAddresses(machine);
  const { makedumpfile } = kdumpTools;
  if (makedumpfile === undefined) return diagnoseMissing(kdumpTools);
  if (isOurs(makedumpfile)) return [describeOurs(makedumpfile)];
  const refusal = diagnoseAddresses(machine, kdumpTools, makedumpfile);
  if (refusal !== undefined) return [refusal];
  return [diagnoseCompound(machine, makedumpfile) ?? describeSupported(machine, makedumpfile)];
}

/** A machine that was recorded without its tools. */
function warnOfAddresses(machine: Machine): Finding[] {
  const seen = describeAddresses(machine);
  if (seen === undefined || seen.isSupported) return [];
  return [
    {
      ...FRAME,
      severity: 'warns',
      fact: `the running kernel has ${seen.words}`,
      why: `makedumpfile up to ${LAST_TRIED} refuses its dump, after the crash ("${seen.message}")`,
      cure: CHECKS['dump-tool'].cure,
    },
  ];
}

function diagnoseMissing(kdumpTools: KdumpTools): Finding[] {
  if (findUser(kdumpTools) !== 'kdump-tools.service') return [];
  return [
    {
      ...FRAME,
      severity: 'warns',
      fact: 'makedumpfile is not installed, by which kdump-tools saves',
      why: 'without it, kdump-tools saves no log, and copies all memory as it is',
      cure: 'install the package makedumpfile, or kexec-file-makedumpfile, which takes its place',
    },
  ];
}

function describeOurs({ path }: Makedumpfile): Finding {
  return {
    ...FRAME,
    severity: 'fine',
    fact: `${path} is kexec-file`,
    why: 'it saves dumps of kernels with every page size and width of addresses',
  };
}

/** A page size and a width of addresses, in words, and as makedumpfile's message names them. */
interface Addresses {
  readonly isSupported: boolean;
  readonly words: string;
  readonly message: string;
}

function describeAddresses({ kernel, pageSize }: Machine): Addresses | undefined {
  const bits = kernel && readConfiguredVaBits(kernel);
  if (bits === undefined) return undefined;
  return {
    isSupported: supportsAddresses(pageSize, bits),
    words: `virtual addresses of ${bits} bits with pages of ${pageSize / 1024}K`,
    message: `PAGE SIZE ${hex(pageSize)} and VA Bits ${bits} not supported`,
  };
}

function diagnoseAddresses(
  machine: Machine,
  kdumpTools: KdumpTools,
  makedumpfile: Makedumpfile,
): Finding | undefined {
  const seen = describeAddresses(machine);
  if (seen === undefined || seen.isSupported) return undefined;
  const name = nameProgram(makedumpfile);
  if (!isTried(makedumpfile.version)) {
    return {
      ...FRAME,
      severity: 'unknown',
      fact: `whether ${name} supports ${seen.words} is not known`,
      why: `makedumpfile up to ${LAST_TRIED} does not ("${seen.message}")`,
      cure: `try it: makedumpfile --mem-usage /proc/kcore; if it refuses the kernel, ${REPLACE}`,
      evidence: { check: 'dump-tool' },
    };
  }
  const user = findUser(kdumpTools);
  return {
    ...FRAME,
    severity: user === undefined ? 'warns' : 'stops',
    fact: `${name} does not support the running kernel, which has ${seen.words}`,
    why: describeLoss(user, seen),
    cure: `${REPLACE}; or ${describeOurService(user)}`,
    evidence: { check: 'dump-tool', holds: false },
  };
}

/** A unit by which makedumpfile is called after a crash. */
type User = 'kdump-tools.service' | 'kdump.service';

/** Finds the unit that calls makedumpfile. Settings that were not recorded are taken for the usual ones. */
function findUser(kdumpTools: KdumpTools): User | undefined {
  const service = findDumpService(kdumpTools);
  if (service !== undefined && !usesMakedumpfile(service)) return undefined;
  return (['kdump-tools.service', 'kdump.service'] as const).find(
    (unit) => kdumpTools.units.includes(unit) && (unit === 'kdump.service' || !isSwitchedOff(kdumpTools)),
  );
}

function describeLoss(user: User | undefined, { message }: Addresses): string {
  const says = `it says "${message}"`;
  if (user === 'kdump-tools.service')
    return `after a crash, ${says}, and neither log nor dump are saved; kdump-tools reports "saved vmcore" all the same`;
  if (user === 'kdump.service') return `after a crash, ${says}, and no dump is saved`;
  return `${says}, and saves nothing; no service that calls it is enabled`;
}

function describeOurService(user: User | undefined): string {
  const own = 'systemctl enable --now kexec-file-kdump';
  if (user === undefined) return `save with the service of kexec-file: ${own}`;
  return `use the service of kexec-file instead: systemctl disable --now ${user.replace('.service', '')}, ${own}`;
}

function diagnoseCompound({ kernel }: Machine, makedumpfile: Makedumpfile): Finding | undefined {
  if (kernel === undefined || !hasOnlyCompoundInfo(kernel) || !isTried(makedumpfile.version))
    return undefined;
  return {
    ...FRAME,
    severity: 'warns',
    fact: `${nameProgram(makedumpfile)} does not know page.compound_info, which the running kernel has`,
    why: 'it cannot tell which pages belong together: with a filter (-d), it may keep too much or leave out too much',
    cure: REPLACE,
    source: 'the program makedumpfile; VMCOREINFO without OFFSET(page.compound_head)',
  };
}

function describeSupported(machine: Machine, makedumpfile: Makedumpfile): Finding {
  const seen = describeAddresses(machine);
  const newest = findNewestKernel(makedumpfile.version);
  const warning =
    newest === undefined
      ? ''
      : `; of a kernel newer than ${newest}, it says "The kernel version is not supported", and goes on`;
  if (seen === undefined) {
    return {
      ...FRAME,
      severity: 'unknown',
      fact: `whether ${nameProgram(makedumpfile)} supports the running kernel is not known`,
      why: 'the width of its virtual addresses was not recorded: NUMBER(VA_BITS) of VMCOREINFO, CONFIG_ARM64_VA_BITS',
      cure: 'record the machine as root, with /proc/kcore or its configuration',
    };
  }
  return {
    ...FRAME,
    severity: 'fine',
    fact: `${nameProgram(makedumpfile)} supports the running kernel's ${seen.words}`,
    why: `it can read the dump${warning}`,
  };
}

function nameProgram({ path, version }: Makedumpfile): string {
  return version === undefined ? path : `makedumpfile ${version} (${path})`;
}
