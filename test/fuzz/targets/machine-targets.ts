/** What is collected on a machine, and the machine files that are made of it. */

import { parseDbg2 } from '../../../src/formats/acpi/dbg2.js';
import { parseArmBootFlags, parseResetRegister } from '../../../src/formats/acpi/fadt.js';
import { parseGtdt } from '../../../src/formats/acpi/gtdt.js';
import { parseMadt } from '../../../src/formats/acpi/madt.js';
import { parseSpcr } from '../../../src/formats/acpi/spcr.js';
import { findSystemRam, parseIomem } from '../../../src/formats/iomem.js';
import { parseMemblock } from '../../../src/formats/memblock.js';
import type { Collected } from '../../../src/machine/collected.js';
import { PRESETS } from '../../../src/machine/presets/presets.js';
import { recordMachine } from '../../../src/machine/record.js';
import { formatMachine, parseMachine } from '../../../src/machine/schema.js';
import { parseFirmwareMemmap, readE820Table } from '../../../src/machine/x86-64/e820-map.js';
import {
  buildDbg2,
  buildFadt,
  buildGicc,
  buildGicd,
  buildGtdt,
  buildIts,
  buildMadt,
  buildSpcr,
  buildWatchdog,
  sumAcpiTable,
} from '../../support/acpi.js';
import { buildSmallDeviceTree } from '../../support/machine.js';
import { IOMEM, VMCOREINFO } from '../../support/machine-root.js';
import { readX86Files } from '../../support/x86-machine.js';
import { applyEdits, encodeEdit } from '../edits.js';
import { type FuzzTarget, type FuzzTargets, readersTarget, textTarget } from '../fuzz-target.js';

const ARM64_FILES: Collected = {
  arch: 'aarch64\n',
  fdt: buildSmallDeviceTree(),
  iomem: IOMEM,
  cmdline: 'root=/dev/vda1 crashkernel=256M\n',
  vmcoreinfo: VMCOREINFO,
  cpuinfo: 'processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd07\n',
  'memblock-memory': '   0: 0x0000000040000000..0x00000000bfffffff    0 NONE\n',
  'memblock-reserved': '   0: 0x0000000041400000..0x000000004350ffff    x NONE\n',
};

/** By name. */
export const MACHINE_TARGETS: FuzzTargets = {
  iomem: textTarget((text) => findSystemRam(parseIomem(text)), IOMEM),
  memblock: textTarget(parseMemblock, '   0: 0x0000000040000000..0x00000000bfffffff    0 NONE\n'),
  acpi: readersTarget(
    () => [
      buildFadt(),
      buildMadt(buildGicd(3), buildGicc(), buildIts()),
      buildSpcr(),
      buildGtdt([buildWatchdog()]),
      buildDbg2(),
    ],
    // With the checksum that it should have: nothing behind it would be reached otherwise.
    ...[parseArmBootFlags, parseResetRegister, parseMadt, parseSpcr, parseGtdt, parseDbg2].map(
      (parse) => (table: Uint8Array) =>
        parse(table.length < 36 ? table : sumAcpiTable(new Uint8Array(table))),
    ),
  ),
  e820: readersTarget(() => [readX86Files('x86-64-seabios')['boot-params'] as Uint8Array], readE820Table),
  'firmware-memmap': textTarget(
    parseFirmwareMemmap,
    '0 0x0 0x9fbff System RAM\n1 0x9fc00 0x9ffff Reserved\n',
  ),
  'machine-file': machineFileTarget(),
  'collected-arm64': collectedTarget(ARM64_FILES),
  'collected-x86-64': collectedTarget(readX86Files('x86-64-seabios')),
};

/** What a field of a machine file may have instead. */
const VALUES: readonly unknown[] = [
  null,
  -1,
  1e300,
  0.5,
  true,
  '',
  '0x',
  '0xffffffffffffffff',
  [],
  {},
  [[]],
  'x'.repeat(99),
];

/** Other values in machine files. Three bytes each: the machine file and the value, and the field. */
function machineFileTarget(): FuzzTarget {
  const files = Object.values(PRESETS).map((build) => JSON.parse(formatMachine(build())));
  return {
    seeds: () => [Uint8Array.of(0, 1, 0), Uint8Array.of(1, 5, 0, 1, 6, 1)],
    run(input) {
      const file = structuredClone(files[(input[0] ?? 0) % files.length]);
      for (let at = 1; at + 2 < input.length; at += 3) {
        const field = (input[at + 1] as number) | ((input[at + 2] as number) << 8);
        replaceField(file, field, VALUES[(input[at] as number) % VALUES.length]);
      }
      const machine = parseMachine(JSON.stringify(file));
      parseMachine(formatMachine(machine));
    },
  };
}

/** Replaces the field with a number, among those of a JSON value and all values in it. */
function replaceField(value: unknown, field: number, replacement: unknown): void {
  const holders = listHolders(value).flatMap((holder) => Object.keys(holder).map((key) => ({ holder, key })));
  const found = holders[field % holders.length];
  // A copy: a later value could be put into it, and then it would be within itself.
  if (found !== undefined) found.holder[found.key] = structuredClone(replacement);
}

function listHolders(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(listHolders)];
}

/** Changes to one of the collected files of a machine. The first byte chooses the file. */
function collectedTarget(files: Collected): FuzzTarget {
  const entries = Object.entries(files).map(([name, contents]) => ({
    name,
    isText: typeof contents === 'string',
    bytes: typeof contents === 'string' ? new TextEncoder().encode(contents) : (contents as Uint8Array),
  }));
  return {
    seeds: () => entries.map((_, index) => Uint8Array.of(index, ...encodeEdit(3, 0x20))),
    run(input) {
      const { name, isText, bytes } = entries[(input[0] ?? 0) % entries.length] as (typeof entries)[number];
      const changed = applyEdits(bytes, input.subarray(1));
      const machine = recordMachine('machine', {
        ...files,
        [name]: isText ? new TextDecoder().decode(changed) : changed,
      });
      parseMachine(formatMachine(machine));
    },
  };
}
