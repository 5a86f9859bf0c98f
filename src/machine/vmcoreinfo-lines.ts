/**
 * The text of the VMCOREINFO note (kernel functions `crash_save_vmcoreinfo_init()` and, on arm64,
 * `arch_crash_save_vmcoreinfo()`): a `NAME=value` a line.
 */
export type Vmcoreinfo = Readonly<Record<string, string>>;

/** Names begin with a capital letter: `OSRELEASE`, `NUMBER(VA_BITS)`. */
const LINE = /^([A-Z][\w().-]*)=(.*)$/gm;

/** Parses VMCOREINFO: values by their names. Other text, such as padding, is ignored. */
export function parseVmcoreinfo(text: string): Vmcoreinfo {
  return Object.fromEntries(Array.from(text.matchAll(LINE), ([, name, value = '']) => [name, value.trim()]));
}

/** Reads `NUMBER(name)`: decimal, or hexadecimal with `0x`, modulo 2^64. @returns undefined if there is none */
export function readVmcoreinfoNumber(vmcoreinfo: Vmcoreinfo, name: string): bigint | undefined {
  return parseU64(/^(0x[0-9a-f]{1,16}|-?\d{1,20})$/i, vmcoreinfo[`NUMBER(${name})`]);
}

/**
 * Reads a value of hexadecimal digits without `0x`: `SYMBOL(_stext)`, `KERNELOFFSET`.
 *
 * @returns undefined if there is none
 */
export function readVmcoreinfoAddress(vmcoreinfo: Vmcoreinfo, name: string): bigint | undefined {
  const value = vmcoreinfo[name];
  return value === undefined ? undefined : parseU64(/^0x[0-9a-f]{1,16}$/i, `0x${value}`);
}

function parseU64(form: RegExp, text: string | undefined): bigint | undefined {
  return text !== undefined && form.test(text) ? BigInt.asUintN(64, BigInt(text)) : undefined;
}
