/**
 * The relocations of AArch64: "ELF for the Arm 64-bit architecture (AArch64)", section "Relocation".
 *
 * S + A is the symbol's address with the addend, P the address of the place to change, Page(x) its 4 KiB page.
 */
import { alignDown } from '../../../base/u64.js';

/** Computes the value for the place from S + A and P. */
type Expression = (target: bigint, place: bigint) => bigint;

/** Writes the low bits of a value into the place, and keeps the place's other bits. */
interface Field {
  /** In bytes. */
  readonly size: number;
  readonly insert: (place: DataView, value: bigint) => void;
}

/** How a relocation is computed, checked and applied. */
export interface RelocationRule {
  readonly name: string;
  readonly value: Expression;
  /** The least value allowed, and the first one beyond. None: the value is cut to fit ("NC", or all 64 bits). */
  readonly range?: readonly [bigint, bigint];
  /** The value must be a multiple of this. */
  readonly alignment?: bigint;
  /** The number of the value's low bits that the field does not hold. */
  readonly shift: bigint;
  readonly field: Field;
}

const PAGE_SIZE = 4096n;

const absolute: Expression = (target) => target;
const relative: Expression = (target, place) => target - place;
const pageRelative: Expression = (target, place) =>
  alignDown(target, PAGE_SIZE) - alignDown(place, PAGE_SIZE);
const withinPage: Expression = (target) => target % PAGE_SIZE;

function data(size: 2 | 4 | 8): Field {
  return {
    size,
    insert: (place, value) => {
      if (size === 2) place.setUint16(0, Number(BigInt.asUintN(16, value)), true);
      else if (size === 4) place.setUint32(0, Number(BigInt.asUintN(32, value)), true);
      else place.setBigUint64(0, BigInt.asUintN(64, value), true);
    },
  };
}

/** `width` bits of an instruction, from bit `lowest` on. */
function immediate(lowest: bigint, width: number): Field {
  return {
    size: 4,
    insert: (place, value) => {
      const mask = ((1n << BigInt(width)) - 1n) << lowest;
      const bits = BigInt.asUintN(width, value) << lowest;
      const instruction = BigInt(place.getUint32(0, true));
      place.setUint32(0, Number((instruction & ~mask) | bits), true);
    },
  };
}

const ADR_LOW = immediate(29n, 2);
const ADR_HIGH = immediate(5n, 19);

/** ADR and ADRP: the value's two lowest bits are the instruction's bits 29 and 30, the next 19 begin at bit 5. */
const ADR_IMMEDIATE: Field = {
  size: 4,
  insert: (place, value) => {
    ADR_LOW.insert(place, value);
    ADR_HIGH.insert(place, value >> 2n);
  },
};

function signed(bits: bigint): readonly [bigint, bigint] {
  return [-(1n << (bits - 1n)), 1n << (bits - 1n)];
}

function unsigned(bits: bigint): readonly [bigint, bigint] {
  return [0n, 1n << bits];
}

/** Data may be read as signed or as unsigned: both are allowed. */
function eitherSign(bits: bigint): readonly [bigint, bigint] {
  return [-(1n << (bits - 1n)), 1n << bits];
}

/** A branch or a load by a distance that is a whole number of words and has `bits` bits, sign included, in bytes. */
function wordRelative(name: string, bits: bigint, field: Field): RelocationRule {
  return { name, value: relative, range: signed(bits), alignment: 4n, shift: 2n, field };
}

/** The 12-bit offset of a load or store of `1 << shift` bytes, counted in such units. */
function loadStore(name: string, shift: bigint): RelocationRule {
  return { name, value: withinPage, alignment: 1n << shift, shift, field: immediate(10n, 12) };
}

/** 16 bits of an address for MOVZ or MOVK; without `bits` whatever lies above them is ignored. */
function moveWide(name: string, shift: bigint, bits?: bigint): RelocationRule {
  return {
    name,
    value: absolute,
    ...(bits === undefined ? {} : { range: unsigned(bits) }),
    shift,
    field: immediate(5n, 16),
  };
}

/** By number: those that static code without a GOT needs. */
export const RELOCATIONS: Readonly<Record<number, RelocationRule>> = {
  257: { name: 'R_AARCH64_ABS64', value: absolute, shift: 0n, field: data(8) },
  258: { name: 'R_AARCH64_ABS32', value: absolute, range: eitherSign(32n), shift: 0n, field: data(4) },
  259: { name: 'R_AARCH64_ABS16', value: absolute, range: eitherSign(16n), shift: 0n, field: data(2) },
  260: { name: 'R_AARCH64_PREL64', value: relative, shift: 0n, field: data(8) },
  261: { name: 'R_AARCH64_PREL32', value: relative, range: signed(32n), shift: 0n, field: data(4) },
  262: { name: 'R_AARCH64_PREL16', value: relative, range: signed(16n), shift: 0n, field: data(2) },
  263: moveWide('R_AARCH64_MOVW_UABS_G0', 0n, 16n),
  264: moveWide('R_AARCH64_MOVW_UABS_G0_NC', 0n),
  265: moveWide('R_AARCH64_MOVW_UABS_G1', 16n, 32n),
  266: moveWide('R_AARCH64_MOVW_UABS_G1_NC', 16n),
  267: moveWide('R_AARCH64_MOVW_UABS_G2', 32n, 48n),
  268: moveWide('R_AARCH64_MOVW_UABS_G2_NC', 32n),
  269: moveWide('R_AARCH64_MOVW_UABS_G3', 48n),
  273: wordRelative('R_AARCH64_LD_PREL_LO19', 21n, immediate(5n, 19)),
  274: {
    name: 'R_AARCH64_ADR_PREL_LO21',
    value: relative,
    range: signed(21n),
    shift: 0n,
    field: ADR_IMMEDIATE,
  },
  275: {
    name: 'R_AARCH64_ADR_PREL_PG_HI21',
    value: pageRelative,
    range: signed(33n),
    shift: 12n,
    field: ADR_IMMEDIATE,
  },
  276: { name: 'R_AARCH64_ADR_PREL_PG_HI21_NC', value: pageRelative, shift: 12n, field: ADR_IMMEDIATE },
  277: { name: 'R_AARCH64_ADD_ABS_LO12_NC', value: withinPage, shift: 0n, field: immediate(10n, 12) },
  278: loadStore('R_AARCH64_LDST8_ABS_LO12_NC', 0n),
  279: wordRelative('R_AARCH64_TSTBR14', 16n, immediate(5n, 14)),
  280: wordRelative('R_AARCH64_CONDBR19', 21n, immediate(5n, 19)),
  282: wordRelative('R_AARCH64_JUMP26', 28n, immediate(0n, 26)),
  283: wordRelative('R_AARCH64_CALL26', 28n, immediate(0n, 26)),
  284: loadStore('R_AARCH64_LDST16_ABS_LO12_NC', 1n),
  285: loadStore('R_AARCH64_LDST32_ABS_LO12_NC', 2n),
  286: loadStore('R_AARCH64_LDST64_ABS_LO12_NC', 3n),
  299: loadStore('R_AARCH64_LDST128_ABS_LO12_NC', 4n),
};

/** R_AARCH64_NONE, and a withdrawn number that means the same. */
export const NO_RELOCATION: readonly number[] = [0, 256];

/**
 * Other relocations that compilers emit, refused by name: signed moves would need another instruction, the rest a
 * linker that builds a table of addresses (GOT, PLT) or thread-local storage, which purgatory does not have.
 */
export const REFUSED_RELOCATIONS: Readonly<Record<number, string>> = {
  270: 'R_AARCH64_MOVW_SABS_G0',
  271: 'R_AARCH64_MOVW_SABS_G1',
  272: 'R_AARCH64_MOVW_SABS_G2',
  287: 'R_AARCH64_MOVW_PREL_G0',
  288: 'R_AARCH64_MOVW_PREL_G0_NC',
  289: 'R_AARCH64_MOVW_PREL_G1',
  290: 'R_AARCH64_MOVW_PREL_G1_NC',
  291: 'R_AARCH64_MOVW_PREL_G2',
  292: 'R_AARCH64_MOVW_PREL_G2_NC',
  293: 'R_AARCH64_MOVW_PREL_G3',
  307: 'R_AARCH64_GOTREL64',
  308: 'R_AARCH64_GOTREL32',
  309: 'R_AARCH64_GOT_LD_PREL19',
  310: 'R_AARCH64_LD64_GOTOFF_LO15',
  311: 'R_AARCH64_ADR_GOT_PAGE',
  312: 'R_AARCH64_LD64_GOT_LO12_NC',
  313: 'R_AARCH64_LD64_GOTPAGE_LO15',
  314: 'R_AARCH64_PLT32',
  513: 'R_AARCH64_TLSGD_ADR_PAGE21',
  514: 'R_AARCH64_TLSGD_ADD_LO12_NC',
  541: 'R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21',
  542: 'R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC',
  549: 'R_AARCH64_TLSLE_ADD_TPREL_HI12',
  551: 'R_AARCH64_TLSLE_ADD_TPREL_LO12_NC',
  562: 'R_AARCH64_TLSDESC_ADR_PAGE21',
  563: 'R_AARCH64_TLSDESC_LD64_LO12',
  564: 'R_AARCH64_TLSDESC_ADD_LO12',
  569: 'R_AARCH64_TLSDESC_CALL',
};
