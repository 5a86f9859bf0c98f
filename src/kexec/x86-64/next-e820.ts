import { E820_RAM } from '../../formats/e820.js';
import { readBootE820 } from '../../machine/x86-64/e820-map.js';
import type { E820Entry, X86Machine } from '../../machine/x86-64/x86-machine.js';
import type { NextMap, NextMapEntry } from '../architecture.js';
import type { KimageType } from '../kimage.js';
import { buildCrashE820, buildE820 } from './e820-table.js';

/**
 * The memory map that a load hands to the next kernel, whatever its segments are. Where the ELF core header and the dm-crypt
 * keys of a crash kernel lie, and split the crash region, is left out of account: each would make one entry more at most.
 *
 * @returns undefined if the firmware's map was not recorded, or the resources for a crash kernel
 */
export function findNextE820(machine: X86Machine, type: KimageType): NextMap | undefined {
  const { e820, resources, bootParams } = machine.x86;
  if ((type === 'crash' ? resources : e820) === undefined) return undefined;
  const { entries, dropped } = type === 'crash' ? buildCrashE820(machine, []) : buildE820(machine);
  return {
    entries: entries.map(simplify),
    dropped: dropped.map(simplify),
    mayHaveAdded: type === 'default' && readBootE820(bootParams) === undefined,
  };
}

function simplify({ range, type }: E820Entry): NextMapEntry {
  return { range, isRam: type === E820_RAM };
}
