import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, withTemporaryFolder } from './programs.js';

/** For each compression, the command of kernel builds, which writes to standard output. */
export const COMPRESSORS = {
  gzip: ['gzip', '-9', '-c'],
  zstd: ['zstd', '-q', '-9', '-c'],
  xz: ['xz', '--check=crc32', '-0', '-c'],
  lz4: ['lz4', '-q', '-9', '-c'],
  'lz4 legacy': ['lz4', '-q', '-l', '-9', '-c'],
  lzma: ['xz', '--format=lzma', '-0', '-c'],
  bzip2: ['bzip2', '-c'],
  lzo: ['lzop', '-9', '-c'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type Compressor = keyof typeof COMPRESSORS;

/** The name of each compression in a zboot header, as in kernels up to 6.11. */
export const ZBOOT_NAMES = {
  gzip: 'gzip',
  zstd: 'zstd22',
  xz: 'xzkern',
  'lz4 legacy': 'lz4',
  lzma: 'lzma',
  lzo: 'lzo',
} as const satisfies Partial<Record<Compressor, string>>;

/** Compresses bytes by a tool. */
export function compress(bytes: Uint8Array, compressor: Compressor, ...more: readonly string[]): Uint8Array {
  const [program, ...args] = COMPRESSORS[compressor];
  return withTemporaryFolder((folder) => {
    const [input, result] = [join(folder, 'in'), join(folder, 'out')];
    writeFileSync(input, bytes);
    runProgram('sh', [
      '-c',
      'out=$1; in=$2; shift 2; exec "$@" < "$in" > "$out"',
      'sh',
      result,
      input,
      program,
      ...args,
      ...more,
    ]);
    return new Uint8Array(readFileSync(result));
  });
}

/** Compresses a whole kernel by gzip, quickly: at the level of kernel builds it takes nine times as long. */
export function gzipKernel(kernel: Uint8Array): Uint8Array {
  return compress(kernel, 'gzip', '-1');
}

const PE_TEMPLATE_HEADER = 0x1000;

/**
 * Builds a zboot image: the header of zboot-header.S, its PE header, and the payload as the only section, followed by
 * the size of the Image if the compressed format does not contain it.
 */
export function buildZboot(payload: Uint8Array, compression: string, size: number): Uint8Array {
  const end = PE_TEMPLATE_HEADER + payload.length + 4;
  const file = new Uint8Array(Math.ceil(end / 512) * 512);
  const view = new DataView(file.buffer);
  const ascii = (text: string, at: number) => file.set(new TextEncoder().encode(text), at);
  ascii('MZ', 0);
  ascii('zimg', 4);
  view.setUint32(8, PE_TEMPLATE_HEADER, true);
  view.setUint32(12, payload.length, true);
  ascii(compression, 24);
  view.setUint32(56, 0x818223cd, true);
  view.setUint32(60, 0x40, true);

  ascii('PE', 0x40);
  view.setUint16(0x44, 0xaa64, true);
  view.setUint16(0x46, 1, true);
  view.setUint16(0x54, 112 + 16 * 8, true);
  view.setUint16(0x56, 0x0206, true);
  const optional = 0x58;
  view.setUint16(optional, 0x20b, true);
  view.setUint32(optional + 32, 0x1000, true);
  view.setUint32(optional + 36, 512, true);
  view.setUint32(optional + 56, Math.ceil(file.length / 0x1000) * 0x1000, true);
  view.setUint32(optional + 60, PE_TEMPLATE_HEADER, true);
  view.setUint16(optional + 68, 10, true);
  view.setUint32(optional + 108, 16, true);
  const section = optional + 112 + 16 * 8;
  ascii('.text', section);
  view.setUint32(section + 8, file.length - PE_TEMPLATE_HEADER, true);
  view.setUint32(section + 12, PE_TEMPLATE_HEADER, true);
  view.setUint32(section + 16, file.length - PE_TEMPLATE_HEADER, true);
  view.setUint32(section + 20, PE_TEMPLATE_HEADER, true);
  view.setUint32(section + 36, 0x60000020, true);

  file.set(payload, PE_TEMPLATE_HEADER);
  view.setUint32(PE_TEMPLATE_HEADER + payload.length, size, true);
  return file;
}

/** Builds a UKI by binutils: sections added to systemd's stub, each at the end of the section before. */
export function buildUki(stub: string, sections: Readonly<Record<string, Uint8Array | string>>): Uint8Array {
  return withTemporaryFolder((folder) => {
    let address = 0x10_0000;
    const options = Object.entries(sections).flatMap(([name, contents], index) => {
      const path = join(folder, `section${index}`);
      writeFileSync(path, contents);
      const own = address;
      address += Math.ceil((contents.length + 1) / 0x1000) * 0x1000;
      return ['--add-section', `${name}=${path}`, '--change-section-vma', `${name}=${own}`];
    });
    const result = join(folder, 'uki');
    runProgram('aarch64-linux-gnu-objcopy', [...options, stub, result]);
    return new Uint8Array(readFileSync(result));
  });
}

/** Builds a uImage by U-Boot's mkimage. @param compression - mkimage's name for it */
export function buildUimage(data: Uint8Array, compression: string): Uint8Array {
  return withTemporaryFolder((folder) => {
    const [input, result] = [join(folder, 'in'), join(folder, 'out')];
    writeFileSync(input, data);
    runProgram('mkimage', [
      ...['-A', 'arm64', '-O', 'linux', '-T', 'kernel', '-C', compression],
      ...['-a', '0x40200000', '-e', '0x40200000', '-n', 'a kernel', '-d', input, result],
    ]);
    return new Uint8Array(readFileSync(result));
  });
}

export interface FitParts {
  readonly kernel: Uint8Array;
  readonly compression?: string;
  readonly ramdisk?: Uint8Array;
  readonly fdt?: Uint8Array;
  /** Arguments of mkimage: `-E` puts data after the tree. */
  readonly options?: readonly string[];
  readonly algorithm?: string;
}

/** Builds a FIT by U-Boot's mkimage with two configurations; the second is the default. */
export function buildFit({
  kernel,
  compression = 'none',
  ramdisk,
  fdt,
  options = [],
  algorithm = 'sha256',
}: FitParts): Uint8Array {
  return withTemporaryFolder((folder) => {
    const image = (name: string, type: string, data: Uint8Array, more: string) => {
      writeFileSync(join(folder, name), data);
      return `${name} { description = "${name}"; data = /incbin/("${join(folder, name)}"); type = "${type}";
        arch = "arm64"; ${more} hash-1 { algo = "${algorithm}"; }; };`;
    };
    const location = 'load = <0x40200000>; entry = <0x40200000>;';
    const parts = [
      image('kernel-1', 'kernel', kernel, `os = "linux"; compression = "${compression}"; ${location}`),
      ...(ramdisk ? [image('ramdisk-1', 'ramdisk', ramdisk, 'os = "linux"; compression = "none";')] : []),
      ...(fdt ? [image('fdt-1', 'flat_dt', fdt, 'compression = "none";')] : []),
    ];
    const names = `kernel = "kernel-1"; ${ramdisk ? 'ramdisk = "ramdisk-1";' : ''} ${fdt ? 'fdt = "fdt-1";' : ''}`;
    const source = `/dts-v1/; / { description = "a FIT"; #address-cells = <1>;
      images { ${parts.join('\n')} };
      configurations { default = "conf-2";
        conf-1 { description = "bare"; kernel = "kernel-1"; };
        conf-2 { description = "all"; ${names} }; }; };`;
    writeFileSync(join(folder, 'fit.its'), source);
    runProgram('mkimage', [...options, '-f', 'fit.its', 'fit.itb'], { cwd: folder });
    return new Uint8Array(readFileSync(join(folder, 'fit.itb')));
  });
}
