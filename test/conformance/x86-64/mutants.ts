import { createHash } from 'node:crypto';
import type { BriefCase, BriefKind } from './brief-case.js';
import { buildBzImage, FIELDS, type Field, getField, HEADER, setField, setupSize } from './bzimage.js';

/** Fields that the kernel decides by get more values, and are changed for crash kernels, too. */
const DECIDING: readonly Field[] = [
  ...(['setup_sects', 'boot_flag', 'header', 'version', 'loadflags', 'xloadflags'] as const),
  ...(['cmdline_size', 'kernel_alignment', 'pref_address', 'init_size', 'jump', 'setup_data'] as const),
];

/** The kernel computes digests of these sizes, which takes seconds. */
const isSlow = (size: bigint): boolean => size > 0x100_0001n && size < 0x1000_0000n;

const TYPES = ['default', 'crash'] as const;
const COMMAND_LINE = 'quiet';

/** The kinds of mutants, over 2000 in all: the same bytes each time. */
export function generateMutants(): readonly BriefKind[] {
  return [
    { name: 'ordinary', cases: TYPES.flatMap((type) => mutant('ordinary', type, buildBzImage())) },
    { name: 'bits', cases: flipBits() },
    { name: 'fields', cases: changeFields() },
    { name: 'lengths', cases: cutFiles() },
    { name: 'setup sectors', cases: changeSectors() },
    { name: 'command lines', cases: changeCommandLines() },
    { name: 'sizes and addresses', cases: combineSizes() },
    { name: 'random', cases: changeAtRandom(150) },
  ];
}

function mutant(
  name: string,
  type: BriefCase['type'],
  file: Uint8Array,
  commandLine: string | undefined = COMMAND_LINE,
): BriefCase[] {
  return [{ name: `${name}, ${type}`, type, file, ...(commandLine === undefined ? {} : { commandLine }) }];
}

/** Each bit of the setup header. */
function flipBits(): BriefCase[] {
  const bits = Array.from({ length: (HEADER.end - HEADER.start) * 8 }, (_, bit) => bit);
  return bits.flatMap((bit) => {
    const offset = HEADER.start + (bit >> 3);
    const file = buildBzImage();
    file[offset] = (file[offset] ?? 0) ^ (1 << (bit & 7));
    if (isSlow(getField(file, 'init_size'))) return [];
    return mutant(`bit ${bit & 7} of 0x${offset.toString(16)}`, 'default', file);
  });
}

/** Each field with values at the ends of its range, and around powers of two. */
function changeFields(): BriefCase[] {
  return (Object.keys(FIELDS) as Field[]).flatMap((field) => {
    const [, size] = FIELDS[field];
    const isDeciding = DECIDING.includes(field);
    const values = listValues(BigInt(size * 8), isDeciding ? 4n : 16n);
    return values
      .filter((value) => field !== 'init_size' || !isSlow(value))
      .flatMap((value) =>
        (isDeciding ? TYPES : (['default'] as const)).flatMap((type) =>
          mutant(`${field} = 0x${value.toString(16)}`, type, withField(field, value)),
        ),
      );
  });
}

function listValues(bits: bigint, step: bigint): bigint[] {
  const limit = 1n << bits;
  const values = [0n, 1n, limit - 1n, limit - 2n];
  for (let bit = step; bit < bits; bit += step) {
    const power = 1n << bit;
    values.push(power, power - 1n, power + 1n);
  }
  return [...new Set(values)].sort((a, b) => (a < b ? -1 : 1));
}

function withField(field: Field, value: bigint): Uint8Array {
  const file = buildBzImage();
  setField(file, field, value);
  return file;
}

/** Files that end early. */
function cutFiles(): BriefCase[] {
  const whole = buildBzImage();
  const ends = [HEADER.start, 0x202, 0x206, HEADER.end, 512, 1024, setupSize(3), whole.length];
  const lengths = ends.flatMap((end) => [end - 1, end, end + 1]).filter((length) => length <= whole.length);
  return [0, 1, 2, ...new Set(lengths)].flatMap((length) =>
    TYPES.flatMap((type) => mutant(`${length} bytes`, type, whole.slice(0, length))),
  );
}

/** Files that end where the setup code does, and around that. */
function changeSectors(): BriefCase[] {
  return [0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 39, 40, 63, 64].flatMap((sectors) => {
    const file = buildBzImage({ setup_sects: BigInt(sectors) });
    return [-1, 0, 1, 511, 512].flatMap((more) =>
      mutant(`${sectors} sectors and ${more} bytes`, 'default', file.slice(0, setupSize(sectors) + more)),
    );
  });
}

/** Command lines around the limit of the kernel, with and without room for what the call adds. */
function changeCommandLines(): BriefCase[] {
  const sizes = [0, 1, 2, 29, 30, 31, 32, 62, 255, 256, 2046, 2047, 2048, 4095, 0x7fff_ffff, 0xffff_ffff];
  return sizes.flatMap((size) => {
    const file = withField('cmdline_size', BigInt(size));
    const lengths = [-32, -31, -30, -1, 0, 1].map((more) => size + more).filter((length) => length <= 2048);
    return [...new Set([1, 2, 31, 2016, 2017, 2018, 2047, ...lengths])]
      .filter((length) => length > 0)
      .flatMap((length) =>
        TYPES.flatMap((type) =>
          mutant(`cmdline_size ${size}, ${length} bytes`, type, file, 'x'.repeat(length - 1)),
        ),
      );
  });
}

/** Pairs of the fields that decide about the kernel's place. */
function combineSizes(): BriefCase[] {
  const alignments = [0n, 1n, 0x1000n, 0x1800n, 0x20_0000n, 0x30_0000n, 0x100_0000n, 0x4000_0000n];
  const addresses = [
    0n,
    0xf_ffffn,
    0x100_0000n,
    0x1c00_0000n,
    0x1fff_f000n,
    1n << 32n,
    (1n << 64n) - 0x1000n,
  ];
  const sizes = [0n, 1n, 0x800n, 0x801n, 0x1001n, 0x10_0001n];
  return alignments.flatMap((kernel_alignment) =>
    addresses.flatMap((pref_address) =>
      sizes.flatMap((init_size) =>
        mutant(
          [kernel_alignment, pref_address, init_size].map((value) => `0x${value.toString(16)}`).join(' '),
          'default',
          buildBzImage({ kernel_alignment, pref_address, init_size }),
        ),
      ),
    ),
  );
}

/** One to four bytes of the setup header, chosen by a seed. */
function changeAtRandom(count: number): BriefCase[] {
  return Array.from({ length: count }, (_, index) => index).flatMap((index) => {
    const random = createHash('sha256').update(`bzImage ${index}`).digest();
    const file = buildBzImage();
    for (let change = 0; change <= (random[0] ?? 0) % 4; change++) {
      const offset = HEADER.start + (random.readUInt16LE(1 + 3 * change) % (HEADER.end - HEADER.start));
      file[offset] = random[3 + 3 * change] ?? 0;
    }
    if (isSlow(getField(file, 'init_size'))) return [];
    return mutant(`random ${index}`, index % 2 === 0 ? 'default' : 'crash', file);
  });
}
