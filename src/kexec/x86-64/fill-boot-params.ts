import { refuse } from '../../base/error.js';
import { E820_RAM } from '../../formats/e820.js';
import type { X86Machine } from '../../machine/x86-64/x86-machine.js';
import { getBytesRange, type Segment } from '../kimage.js';
import type { PlacementInProgress } from '../load-in-progress.js';
import { buildBootParams } from './boot-params.js';
import { type BootParamsLayout, SETUP_DATA_SIZES } from './boot-params-layout.js';
import { buildCrashE820, buildE820, type E820Table } from './e820-table.js';
import type { PlacedBzimage } from './placed-bzimage.js';

/** What the block was laid out for. */
export interface BootParamsText {
  readonly layout: BootParamsLayout;
  /** With its NUL. */
  readonly commandLine: Uint8Array | undefined;
}

/**
 * Builds the boot parameters for the places of the other segments.
 *
 * @returns their segment, filled
 * @throws KexecError `ENODATA`, check `machine-facts`, for kexec_load(2), if the next kernel would find no RAM or no firmware
 */
export function fillBootParams(
  { bootParams: segment, elfcorehdr, dmCryptKeys, initrd }: PlacedBzimage,
  { layout, commandLine }: BootParamsText,
  placement: PlacementInProgress<X86Machine>,
): Segment {
  const { machine, request, type, handover } = placement;
  const keysRange = dmCryptKeys === undefined ? [] : [getBytesRange(dmCryptKeys)];
  const table =
    type === 'crash' && elfcorehdr !== undefined
      ? buildCrashE820(machine, [elfcorehdr.room, ...keysRange])
      : buildE820(machine);
  if (request.options.call === 'segments') requireContents(table, machine);
  noteContents(table, placement);
  const bytes = buildBootParams(
    {
      kernel: request.kernel,
      machine,
      commandLine,
      elfcorehdr: elfcorehdr?.segment.mem,
      dmCryptKeys: dmCryptKeys?.mem,
      initrd: initrd && getBytesRange(initrd),
      e820: table.entries,
      address: segment.mem,
      handsEfiOver: request.options.efi !== false,
      seed: request.random?.(SETUP_DATA_SIZES.seed),
      handover: handover && {
        fdt: handover.fdt ?? 0n,
        list: getBytesRange(handover.list),
      },
    },
    layout,
  );
  return { ...segment, bytes };
}

/** kexec_load(2) takes the block as it is, so one without these would leave the machine without a kernel that boots. */
function requireContents({ entries }: E820Table, { name, x86 }: X86Machine): void {
  if (!entries.some(({ type }) => type === E820_RAM)) {
    const seen = `${name}: the memory map for the next kernel has no RAM, because the firmware's is unknown (/sys/firmware/memmap)`;
    refuse('machine-facts', 'ENODATA', seen);
  }
  if (x86.bootParams === undefined) {
    const seen = `${name}: the running kernel's boot parameters are unknown (/sys/kernel/boot_params/data)`;
    refuse(
      'machine-facts',
      'ENODATA',
      `${seen}: the next kernel would find neither screen nor, under UEFI, ACPI`,
    );
  }
}

function noteContents(
  { entries, dropped }: E820Table,
  { machine, request, trail, handover }: PlacementInProgress<X86Machine>,
): void {
  const { bootParams, e820, resources } = machine.x86;
  trail.ok('boot-params', `the next kernel's memory map (e820) has ${entries.length} entries`);
  if (dropped.length > 0)
    trail.note(
      'boot-params',
      `${dropped.length} more are dropped: the boot parameters have room for ${entries.length}`,
    );
  if (e820 === undefined && resources === undefined)
    trail.note('boot-params', 'the memory map of the firmware is unknown: the block here has none');
  if (bootParams === undefined)
    trail.note(
      'boot-params',
      "the running kernel's own boot parameters are unknown: nothing is carried over from them",
    );
  if (request.options.efi === false)
    trail.note(
      'boot-params',
      "nothing of UEFI is handed over, as asked, but for ACPI's tables and Secure Boot",
    );
  if (handover !== undefined && handover.fdt === undefined)
    trail.note(
      'handover',
      "the address of the running kernel's KHO device tree is unknown: the block has 0 there",
    );
}
