import { refuse } from '../../base/error.js';
import { formatBytes, formatSize } from '../../base/sizes.js';
import { hex, U64_LIMIT } from '../../base/u64.js';
import { type ElfObject, type ElfSymbol, STB_GLOBAL } from '../../formats/elf/object.js';
import { type Layout, layOut } from '../../formats/elf/section-layout.js';
import { SHF_ALLOC, SHF_EXECINSTR } from '../../formats/elf/sections.js';

/** Where the CPU enters purgatory. */
const ENTRY_SYMBOL = 'purgatory_start';

/** One relocation, with its addresses known. */
export interface Relocation {
  /** R_AARCH64_… or R_X86_64_…, as a number. */
  readonly type: number;
  /** S + A: the symbol's address plus the addend. */
  readonly target: bigint;
  /** P: the address of the place to change. */
  readonly place: bigint;
  /** The name of the symbol that the place refers to, for errors. */
  readonly symbol: string;
}

/** How the code of an architecture is linked. */
export interface CodeRules {
  /** Instructions begin at multiples of this, in bytes. */
  readonly instructionAlignment: bigint;
  /** Changes a few bytes of a section from `offset` on. @throws KexecError `ENOEXEC`, check `elf-relocation`. */
  relocate(section: Uint8Array, offset: bigint, relocation: Relocation): void;
}

export interface LinkedPurgatory {
  /** The bytes to load at the base. They lack .bss, so {@link Purgatory.size} may be larger. */
  readonly bytes: Uint8Array;
  /** The physical address of `purgatory_start`. */
  readonly entry: bigint;
}

/** A symbol that is defined in a section with contents. */
interface LoadedSymbol {
  /** In bytes from the base. */
  readonly offset: number;
  /** In bytes. */
  readonly size: number;
}

/**
 * Purgatory, a relocatable object, laid out but not yet at an address: the sections that take memory follow one another in
 * the object's order, those without contents last, as `kexec_purgatory_setup_sechdrs()` has it.
 */
export class Purgatory {
  /** The size of its memory in bytes. */
  readonly size: bigint;
  /** The bytes of it that come from the object; the rest is .bss. */
  readonly contentsSize: bigint;
  /** The alignment of its base in bytes: a power of two. */
  readonly alignment: bigint;
  readonly #object: ElfObject;
  readonly #rules: CodeRules;
  readonly #layout: Layout;
  readonly #globals: ReadonlyMap<string, ElfSymbol>;
  readonly #entry: bigint;
  /** The object's bytes in their layout, before relocation. */
  readonly #contents: Uint8Array;
  readonly #values = new Map<string, Uint8Array>();

  /** @throws KexecError `ENOEXEC` if it takes more than 1 MiB; `EINVAL` if it has no `purgatory_start`. */
  constructor(object: ElfObject, rules: CodeRules) {
    this.#object = object;
    this.#rules = rules;
    this.#layout = layOut(object.sections);
    this.size = this.#layout.size;
    this.contentsSize = this.#layout.fileSize;
    this.alignment = this.#layout.alignment;
    this.#globals = findGlobalSymbols(object.symbols);
    this.#entry = this.#findEntry();
    this.#contents = new Uint8Array(Number(this.#layout.fileSize));
    for (const [index, offset] of this.#layout.offsets) {
      const contents = object.sections[index]?.contents;
      if (contents !== undefined) this.#contents.set(contents, Number(offset));
    }
  }

  /**
   * Sets the bytes that a global symbol has after linking. Kernel function `kexec_purgatory_get_set_symbol()`.
   *
   * @throws KexecError `EINVAL`, `elf-symbol`: no such symbol, one in .bss, or another size than the symbol's.
   */
  setSymbol(name: string, bytes: Uint8Array): void {
    const { size } = this.#loadedSymbol(name);
    if (bytes.length !== size) {
      refuse('elf-symbol', 'EINVAL', `purgatory: "${name}" has ${size} bytes, not the ${bytes.length} given`);
    }
    this.#values.set(name, bytes.slice());
  }

  /**
   * Returns the bytes of a global symbol: those that were set, or else the object's, before relocation.
   *
   * @throws KexecError `EINVAL`, `elf-symbol`: no such symbol, or one in .bss.
   */
  getSymbol(name: string): Uint8Array {
    const { offset, size } = this.#loadedSymbol(name);
    return (this.#values.get(name) ?? this.#contents.subarray(offset, offset + size)).slice();
  }

  /**
   * Links purgatory for physical address `base`: relocates it, and applies the symbols that were set. May be called any
   * number of times.
   *
   * @throws KexecError `EINVAL`, `elf-section`, if it cannot be at `base`; `ENOEXEC` for an undefined symbol
   *   (`elf-symbol`), or a relocation that is unknown or does not fit (`elf-relocation`).
   */
  link(base: bigint): LinkedPurgatory {
    if (base % this.alignment !== 0n || base + this.size > U64_LIMIT) {
      refuse(
        'elf-section',
        'EINVAL',
        `purgatory: ${formatBytes(this.size)}, aligned to ${formatSize(this.alignment)}, cannot be at ${hex(base)}`,
      );
    }
    const bytes = this.#contents.slice();
    this.#relocate(bytes, base);
    for (const [name, value] of this.#values) bytes.set(value, this.#loadedSymbol(name).offset);
    return { bytes, entry: base + this.#entry };
  }

  /**
   * The address of a global symbol, wherever it is defined: `kexec_purgatory_get_symbol_addr()`.
   *
   * @throws KexecError `EINVAL`, `elf-symbol`, if there is none; `ENOEXEC` if it is not loaded.
   */
  findAddress(name: string, base: bigint): bigint {
    const symbol = this.#globals.get(name);
    if (symbol === undefined) refuse('elf-symbol', 'EINVAL', `purgatory: there is no global "${name}"`);
    return this.#addressOf(symbol, base);
  }

  #relocate(bytes: Uint8Array, base: bigint): void {
    for (const { section, offset, type, symbol, addend } of this.#object.relocations) {
      const start = this.#layout.offsets.get(section);
      if (start === undefined) continue; // debug information
      const length = this.#object.sections[section]?.contents?.length ?? 0;
      this.#rules.relocate(bytes.subarray(Number(start), Number(start) + length), offset, {
        type,
        target: this.#addressOf(symbol, base) + addend,
        place: base + start + offset,
        symbol: describeSymbol(symbol, this.#object),
      });
    }
  }

  #addressOf(symbol: ElfSymbol | undefined, base: bigint): bigint {
    if (symbol === undefined) return 0n;
    const { section, value } = symbol;
    if (section === 'absolute') return value;
    if (section === 'undefined' || section === 'common') {
      refuse('elf-symbol', 'ENOEXEC', `purgatory: ${describeSymbol(symbol, this.#object)} is ${section}`);
    }
    const offset = this.#layout.offsets.get(section);
    if (offset === undefined) {
      refuse(
        'elf-symbol',
        'ENOEXEC',
        `purgatory: ${describeSymbol(symbol, this.#object)} is in a section that is not loaded`,
      );
    }
    return base + offset + value;
  }

  #findEntry(): bigint {
    const symbol = this.#globals.get(ENTRY_SYMBOL);
    const section = typeof symbol?.section === 'number' ? this.#object.sections[symbol.section] : undefined;
    if (symbol === undefined || section === undefined) {
      refuse('elf-symbol', 'EINVAL', `purgatory: there is no global "${ENTRY_SYMBOL}"`);
    }
    const { flags, size, alignment } = section;
    const isCode = (flags & SHF_ALLOC) !== 0n && (flags & SHF_EXECINSTR) !== 0n && symbol.value < size;
    const { instructionAlignment } = this.#rules;
    if (!isCode || alignment < instructionAlignment || symbol.value % instructionAlignment !== 0n) {
      refuse('elf-symbol', 'ENOEXEC', `purgatory: "${ENTRY_SYMBOL}" is not the address of an instruction`);
    }
    return this.#addressOf(symbol, 0n);
  }

  #loadedSymbol(name: string): LoadedSymbol {
    const symbol = this.#globals.get(name);
    if (typeof symbol?.section !== 'number')
      refuse('elf-symbol', 'EINVAL', `purgatory: there is no global "${name}"`);
    const offset = this.#layout.offsets.get(symbol.section);
    const contents = this.#object.sections[symbol.section]?.contents;
    if (offset === undefined || contents === undefined) {
      refuse('elf-symbol', 'EINVAL', `purgatory: "${name}" is in .bss, or in a section that is not loaded`);
    }
    if (symbol.value + symbol.size > BigInt(contents.length)) {
      refuse('elf-symbol', 'ENOEXEC', `purgatory: "${name}" ends beyond its section`);
    }
    return { offset: Number(offset + symbol.value), size: Number(symbol.size) };
  }
}

/** The first symbol of each name, which is the one that the kernel finds. */
function findGlobalSymbols(symbols: readonly ElfSymbol[]): ReadonlyMap<string, ElfSymbol> {
  const globals = new Map<string, ElfSymbol>();
  for (const symbol of symbols) {
    if (symbol.binding === STB_GLOBAL && !globals.has(symbol.name)) globals.set(symbol.name, symbol);
  }
  return globals;
}

/** Section symbols have no name of their own. */
function describeSymbol(symbol: ElfSymbol | undefined, { sections }: ElfObject): string {
  if (symbol === undefined) return 'no symbol';
  if (symbol.name !== '') return `"${symbol.name}"`;
  return `section "${typeof symbol.section === 'number' ? sections[symbol.section]?.name : symbol.section}"`;
}
