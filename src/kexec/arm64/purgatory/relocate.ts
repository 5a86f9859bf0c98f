import { refuse } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import type { Relocation } from '../../purgatory/purgatory.js';
import { NO_RELOCATION, REFUSED_RELOCATIONS, RELOCATIONS } from './relocations.js';

/**
 * Applies one relocation: changes a few bytes of `section` from `offset` on.
 *
 * @throws KexecError `ENOEXEC`, `elf-relocation`: the type is none of those that static code without a GOT needs, the
 *   place leaves the section, or the value is out of the field's range or not aligned as it must be.
 */
export function applyRelocation(section: Uint8Array, offset: bigint, relocation: Relocation): void {
  const { type, target, place } = relocation;
  if (NO_RELOCATION.includes(type)) return;
  const rule = RELOCATIONS[type];
  if (rule === undefined) refuseRelocation(relocation, 'is not one that purgatory may have');

  const { size, insert } = rule.field;
  if (offset + BigInt(size) > BigInt(section.length)) {
    refuseRelocation(
      relocation,
      `changes ${size} bytes at offset ${hex(offset)} of a section of ${hex(section.length)}`,
    );
  }
  const value = BigInt.asIntN(64, rule.value(BigInt.asUintN(64, target), place));
  if (rule.range !== undefined && (value < rule.range[0] || value >= rule.range[1])) {
    refuseRelocation(
      relocation,
      `is out of range: ${value} is not within ${rule.range[0]} … ${rule.range[1] - 1n}`,
    );
  }
  if (rule.alignment !== undefined && value % rule.alignment !== 0n) {
    refuseRelocation(relocation, `is misaligned: ${value} is no multiple of ${rule.alignment}`);
  }
  insert(new DataView(section.buffer, section.byteOffset + Number(offset), size), value >> rule.shift);
}

function refuseRelocation({ type, place, symbol }: Relocation, seen: string): never {
  const name = RELOCATIONS[type]?.name ?? REFUSED_RELOCATIONS[type] ?? `relocation type ${type}`;
  refuse('elf-relocation', 'ENOEXEC', `${name} at ${hex(place)}, for ${symbol}, ${seen}`);
}
