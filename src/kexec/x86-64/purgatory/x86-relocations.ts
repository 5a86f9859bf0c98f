import { refuse } from '../../../base/error.js';
import { hex } from '../../../base/u64.js';
import type { Relocation } from '../../purgatory/purgatory.js';

/** How a relocation of x86_64 is applied: System V ABI, AMD64 supplement, "Relocation". */
interface RelocationRule {
  readonly name: string;
  /** In bytes. */
  readonly size: 4 | 8;
  readonly isRelative: boolean;
  /** How the value must be extended to 64 bits again; undefined if it is cut to fit. */
  readonly extends?: 'zeros' | 'sign';
}

const NO_RELOCATION = 0;

const RULES: Readonly<Record<number, RelocationRule>> = {
  1: { name: 'R_X86_64_64', size: 8, isRelative: false },
  2: { name: 'R_X86_64_PC32', size: 4, isRelative: true },
  4: { name: 'R_X86_64_PLT32', size: 4, isRelative: true },
  10: { name: 'R_X86_64_32', size: 4, isRelative: false, extends: 'zeros' },
  11: { name: 'R_X86_64_32S', size: 4, isRelative: false, extends: 'sign' },
};

/**
 * Applies one relocation: kernel function `arch_kexec_apply_relocations_add()`, whose types these are.
 *
 * @throws KexecError `ENOEXEC`, `elf-relocation`: another type, a place outside of the section, or a value that does not fit.
 */
export function applyRelocation(section: Uint8Array, offset: bigint, relocation: Relocation): void {
  const { type, target, place } = relocation;
  if (type === NO_RELOCATION) return;
  const rule = RULES[type];
  if (rule === undefined) refuseRelocation(relocation, 'is not one that purgatory may have');
  if (offset + BigInt(rule.size) > BigInt(section.length))
    refuseRelocation(relocation, `leaves its section of ${hex(section.length)} at ${hex(offset)}`);
  const value = BigInt.asUintN(64, rule.isRelative ? target - place : target);
  const view = new DataView(section.buffer, section.byteOffset + Number(offset), rule.size);
  if (rule.size === 8) {
    view.setBigUint64(0, value, true);
    return;
  }
  const low = BigInt.asUintN(32, value);
  const extended = rule.extends === 'sign' ? BigInt.asUintN(64, BigInt.asIntN(32, value)) : low;
  if (rule.extends !== undefined && extended !== value)
    refuseRelocation(relocation, `is out of range: ${hex(value)}`);
  view.setUint32(0, Number(low), true);
}

function refuseRelocation({ type, place, symbol }: Relocation, seen: string): never {
  const name = RULES[type]?.name ?? `relocation type ${type}`;
  refuse('elf-relocation', 'ENOEXEC', `${name} at ${hex(place)}, for ${symbol}, ${seen}`);
}
