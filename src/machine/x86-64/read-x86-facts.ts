import { attempt, KexecError, refuse } from '../../base/error.js';
import { overlaps, type Range, subtractFromEach } from '../../base/range.js';
import { parseResetRegister } from '../../formats/acpi/fadt.js';
import { MEMORY_SPACE, PCI_SPACE, PORT_SPACE } from '../../formats/acpi/generic-address.js';
import { BOOT_PARAMS_SIZE } from '../../formats/boot-params-fields.js';
import { E820_RAM } from '../../formats/e820.js';
import type { Resource } from '../../formats/iomem.js';
import { parseMemblock } from '../../formats/memblock.js';
import type { Collected } from '../collected.js';
import { readBootApicId } from '../cpuinfo.js';
import type { UnknownFact } from '../machine-facts.js';
import { parseVmcoreinfo, readVmcoreinfoNumber } from '../vmcoreinfo-lines.js';
import { parseFirmwareMemmap, readBootE820 } from './e820-map.js';
import { readEfiHandOver } from './read-efi-hand-over.js';
import {
  type E820Entry,
  FIRMWARE_RESOURCES,
  type FirmwareResource,
  type X86Facts,
  type X86ResetRegister,
} from './x86-machine.js';

/** What was read, and a reason for each file that is broken. */
export interface X86Reading {
  readonly x86: X86Facts;
  readonly broken: readonly UnknownFact[];
}

/**
 * Reads the facts that only an x86_64 machine has. A broken file decides nothing, and is listed with the reason.
 *
 * @param resources - of `/proc/iomem`
 */
export function readX86Facts(known: Collected, resources: readonly Resource[]): X86Reading {
  const broken: UnknownFact[] = [];
  const read = <T>(fact: keyof Collected, value: () => T | undefined): T | undefined => {
    const result = attempt(value);
    if (!(result instanceof KexecError)) return result;
    broken.push({ fact, reason: result.seen });
    return undefined;
  };
  const bootParams = read('boot-params', () => checkBootParams(known['boot-params']));
  const e820 = read('memmap', () => readNextE820(known.memmap, bootParams));
  const freeMemblock = read('memblock-memory', () => findFreeMemblock(known));
  const efiHandOver = read('efi-runtime-map', () => readEfiHandOver(known));
  const resetRegister = read('acpi-FACP', () => findResetRegister(known['acpi-FACP']));
  const crashElfcorehdrSize = read('crash-elfcorehdr-size', () => parseSize(known['crash-elfcorehdr-size']));
  const x86: X86Facts = {
    ...(e820 === undefined ? {} : { e820 }),
    resources: listFirmwareResources(resources),
    ...(freeMemblock === undefined ? {} : { freeMemblock }),
    ...(bootParams === undefined ? {} : { bootParams }),
    ...(efiHandOver === undefined ? {} : { efiHandOver }),
    ...readCpus(known),
    ...(resetRegister === undefined ? {} : { resetRegister }),
    ...(crashElfcorehdrSize === undefined ? {} : { crashElfcorehdrSize }),
  };
  return { x86, broken };
}

function checkBootParams(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes.length === BOOT_PARAMS_SIZE) return bytes;
  return refuseText('boot-params', `it has ${bytes.length} bytes, not ${BOOT_PARAMS_SIZE}`);
}

/**
 * The map that the next kernel gets. `/sys/firmware/memmap` also lists memory that was added while the kernel ran
 * (`firmware_map_add_hotplug()`); the running kernel's own map from its boot loader does not. If that is not known as a whole,
 * nothing is left out.
 */
function readNextE820(
  memmap: string | undefined,
  bootParams: Uint8Array | undefined,
): readonly E820Entry[] | undefined {
  if (memmap === undefined) return undefined;
  const entries = parseFirmwareMemmap(memmap);
  const atBoot = readBootE820(bootParams);
  if (atBoot === undefined) return entries;
  return entries.filter(
    (entry) => entry.type !== E820_RAM || atBoot.some(({ range }) => overlaps(range, entry.range)),
  );
}

/** Firmware's resources at any level, as `walk_iomem_res_desc()` visits them: what lies in one is not visited. */
function listFirmwareResources(resources: readonly Resource[]): FirmwareResource[] {
  return resources.flatMap(({ name, range, children }) => {
    const known = FIRMWARE_RESOURCES.find((other) => other === name);
    return known === undefined ? listFirmwareResources(children) : [{ name: known, range }];
  });
}

/** What the walk over free memblock ranges visits: `for_each_free_mem_range()`, `should_skip_region()`. */
function findFreeMemblock({
  'memblock-memory': memory,
  'memblock-reserved': reserved,
}: Collected): Range[] | undefined {
  if (memory === undefined || reserved === undefined) return undefined;
  const searched = parseMemblock(memory).filter(
    ({ flags }) => !flags.includes('NOMAP') && !flags.includes('DRV_MNG'),
  );
  const taken = parseMemblock(reserved);
  return subtractFromEach(
    searched.map(({ range }) => range),
    taken.map(({ range }) => range),
  );
}

const RESET_SPACE_NAMES: ReadonlyMap<number, X86ResetRegister['space']> = new Map([
  [MEMORY_SPACE, 'memory'],
  [PORT_SPACE, 'port'],
  [PCI_SPACE, 'pci'],
]);

/** In any other space, the specification allows no reset register, and the kernel does not use it: `acpi_reboot()`. */
function findResetRegister(fadt: Uint8Array | undefined): X86ResetRegister | undefined {
  const found = fadt && parseResetRegister(fadt);
  if (found === undefined) return undefined;
  const { register, value } = found;
  const space = RESET_SPACE_NAMES.get(register.space);
  return space === undefined ? undefined : { space, address: register.address, value };
}

function parseSize(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  const digits = /^\d{1,15}$/.exec(text.trim())?.[0];
  return digits === undefined
    ? refuseText('crash-elfcorehdr-size', JSON.stringify(text.slice(0, 60)))
    : BigInt(digits);
}

/** The kernel clears `la57` if `no5lvl` or its configuration rules out five levels. */
function readCpus({
  cpuinfo,
  vmcoreinfo,
}: Collected): Pick<X86Facts, 'fiveLevels' | 'gigabytePages' | 'tdxGuest' | 'bootApicId'> {
  const flags = /^flags\s*:(.*)$/m.exec(cpuinfo ?? '')?.[1]?.split(' ');
  const enabled = readVmcoreinfoNumber(parseVmcoreinfo(vmcoreinfo ?? ''), 'pgtable_l5_enabled');
  const fiveLevels = enabled === undefined ? flags?.includes('la57') : enabled !== 0n;
  const bootApicId = readBootApicId(cpuinfo);
  return {
    ...(fiveLevels === undefined ? {} : { fiveLevels }),
    ...(flags === undefined
      ? {}
      : { gigabytePages: flags.includes('pdpe1gb'), tdxGuest: flags.includes('tdx_guest') }),
    ...(bootApicId === undefined ? {} : { bootApicId }),
  };
}

function refuseText(fact: string, seen: string): never {
  refuse('machine-text', 'EINVAL', `${fact}: ${seen}`);
}
