import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePe } from '../../../src/formats/pe/parse.js';
import { corpus } from '../../support/corpus.js';
import { buildPe } from '../../support/pe.js';
import { runProgram, withTemporaryFolder } from '../../support/programs.js';

/** The numbers that `objdump -x` prints for a PE file, by the names that it gives them. */
function accordingToObjdump(path: string) {
  const text = runProgram('aarch64-linux-gnu-objdump', ['-x', path]);
  const number = (name: string) =>
    BigInt(`0x${text.match(new RegExp(`^${name}\\s+([0-9a-f]+)\\b`, 'm'))?.[1]}`);
  const directories = text.matchAll(/^Entry [0-9a-f] ([0-9a-f]{16}) ([0-9a-f]{8}) /gm);
  const sections = text.matchAll(
    /^ +\d+ (\S+) +([0-9a-f]{8}) {2}([0-9a-f]{16}) {2}[0-9a-f]{16} {2}([0-9a-f]{8}) /gm,
  );
  return {
    magic: number('Magic'),
    entry: number('AddressOfEntryPoint'),
    imageBase: number('ImageBase'),
    sectionAlignment: number('SectionAlignment'),
    fileAlignment: number('FileAlignment'),
    sizeOfImage: number('SizeOfImage'),
    sizeOfHeaders: number('SizeOfHeaders'),
    checkSum: number('CheckSum'),
    subsystem: number('Subsystem'),
    dllCharacteristics: number('DllCharacteristics'),
    characteristics: BigInt(`${text.match(/^Characteristics (0x[0-9a-f]+)$/m)?.[1]}`),
    numberOfDirectories: number('NumberOfRvaAndSizes'),
    directories: [...directories].map((match) => [hexNumber(match[1]), hexNumber(match[2])]),
    sections: [...sections].map((match) => ({
      name: match[1],
      size: hexNumber(match[2]),
      address: hexNumber(match[3]),
      offset: hexNumber(match[4]),
    })),
  };
}

/** The same numbers as this project reads them. */
function accordingToUs(file: Uint8Array): ReturnType<typeof accordingToObjdump> {
  const pe = parsePe(file);
  // objdump prints all 16 directories, those that the file does not have as zeros.
  const directories = Array.from({ length: 16 }, (_, index) => pe.directories[index]);
  return {
    magic: pe.format === 'PE32+' ? 0x20bn : 0x10bn,
    entry: BigInt(pe.addressOfEntryPoint),
    imageBase: pe.imageBase,
    sectionAlignment: BigInt(pe.sectionAlignment),
    fileAlignment: BigInt(pe.fileAlignment),
    sizeOfImage: BigInt(pe.sizeOfImage),
    sizeOfHeaders: BigInt(pe.sizeOfHeaders),
    checkSum: BigInt(pe.checkSum),
    subsystem: BigInt(pe.subsystem),
    dllCharacteristics: BigInt(pe.dllCharacteristics),
    characteristics: BigInt(pe.characteristics),
    numberOfDirectories: BigInt(pe.directories.length),
    directories: directories.map((directory) => [directory?.virtualAddress ?? 0, directory?.size ?? 0]),
    sections: pe.sections.map(({ name, virtualSize, virtualAddress, raw }) => ({
      name,
      // objdump's size is that of what the file holds of the section.
      size: Math.min(raw.end - raw.start, virtualSize),
      address: Number(pe.imageBase) + virtualAddress,
      offset: raw.start,
    })),
  };
}

function hexNumber(digits: string | undefined): number {
  return Number(`0x${digits}`);
}

describe.each(corpus.kernels())('the PE headers of $package', ({ path }) => {
  const file = readFileSync(path);

  it('agree with objdump', () => {
    const told = accordingToObjdump(path);
    expect(told.sections).toHaveLength(2);
    expect(accordingToUs(file)).toEqual(told);
  });

  it('lead to the signature', () => {
    const pe = parsePe(file);
    const directory = accordingToObjdump(path).directories[4] ?? [];
    expect(pe.certificateTable).toEqual({
      start: directory[0],
      end: Number(directory[0]) + Number(directory[1]),
    });
    expect(pe.certificateTable?.end).toBe(file.length);
    expect(pe.certificates).toHaveLength(1);

    const [certificate] = pe.certificates;
    expect(certificate).toMatchObject({ revision: 0x0200, type: 2, range: pe.certificateTable });
    const der = Buffer.from(certificate?.bytes ?? []).toString('hex');
    expect(der, 'a SEQUENCE that begins with the OID of signedData').toMatch(
      /^3082....06092a864886f70d010702/,
    );
  });

  it('say where CheckSum and the certificate directory entry are', () => {
    const pe = parsePe(file);
    expect(file.readUInt32LE(pe.checkSumOffset)).toBe(pe.checkSum);
    expect(file.readUInt32LE(pe.certificateEntryOffset)).toBe(pe.certificateTable?.start);
  });

  it('are read without a copy', () => {
    for (const { bytes, raw } of parsePe(file).sections) {
      expect(bytes.buffer).toBe(file.buffer);
      expect(bytes.byteOffset - file.byteOffset).toBe(raw.start);
      expect(bytes.length).toBe(raw.end - raw.start);
    }
  });
});

describe('parsePe', () => {
  const text = new Uint8Array(0x300).fill(1);
  const data = new Uint8Array([1, 2, 3]);
  const small = buildPe({
    sections: [
      { name: '.text', bytes: text },
      { name: '.data', bytes: data },
      { name: '.bss', bytes: new Uint8Array() },
    ],
  });

  it('agrees with objdump on a small file', () => {
    withTemporaryFolder((folder) => {
      const path = join(folder, 'small.efi');
      writeFileSync(path, small);
      const { sections, ...told } = accordingToObjdump(path);
      const { sections: ours, ...read } = accordingToUs(small);
      expect(read).toEqual(told);
      expect(ours.slice(0, 2)).toEqual(sections.slice(0, 2));
    });
  });

  it('reads PE32, which file(1) confirms it is', () => {
    const file = buildPe({ format: 'PE32', directories: 6, sections: [{ name: '.text', bytes: text }] });
    withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'small.efi'), file);
      expect(runProgram('file', ['--brief', join(folder, 'small.efi')])).toMatch(
        /^PE32 executable \(EFI application\) Aarch64/,
      );
    });
    expect(parsePe(file)).toMatchObject({
      format: 'PE32',
      imageBase: 0x4000_0000n,
      checkSum: 0xc0ffee,
      checkSumOffset: 0x58 + 64,
      certificateEntryOffset: 0x58 + 96 + 32,
      certificates: [],
      sections: [{ name: '.text', raw: { start: 0x400, end: 0x700 } }],
    });
  });

  it('returns an empty range for a section without bytes', () => {
    expect(parsePe(small).sections[2]).toMatchObject({
      name: '.bss',
      raw: { start: 0, end: 0 },
      bytes: new Uint8Array(),
    });
  });

  it('reads the long names that objcopy writes', () => {
    withTemporaryFolder((folder) => {
      writeFileSync(join(folder, 'in.efi'), small);
      writeFileSync(join(folder, 'section'), 'some bytes');
      const added = ['.vendor_certificates', '.another_long_name'].flatMap((name) => [
        '--add-section',
        `${name}=section`,
        '--set-section-flags',
        `${name}=contents,alloc,load,readonly,data`,
      ]);
      const args = ['--long-section-names=enable', ...added, 'in.efi', 'out.efi'];
      runProgram('aarch64-linux-gnu-objcopy', args, { cwd: folder });

      const read = parsePe(readFileSync(join(folder, 'out.efi')));
      expect(read.sections.map(({ name }) => name)).toEqual(
        accordingToObjdump(join(folder, 'out.efi')).sections.map(({ name }) => name),
      );
      const certificates = read.sections.find(({ name }) => name === '.vendor_certificates');
      expect(new TextDecoder().decode(certificates?.bytes)).toMatch(/^some bytes/);
    });
  });

  it.each([
    ['decimal, as GNU writes it', '/14'],
    ['base64, as LLVM writes large ones', '//AAAAAO'],
  ])('reads a long name whose offset is %s', (_, name) => {
    const file = buildPe({ sections: [{ name, bytes: data }], strings: '.debug_ab\0.vendor_certificates\0' });
    expect(parsePe(file).sections[0]?.name).toBe('.vendor_certificates');
  });

  it.each(['/4', '/', '/x1', '//=', '12345678'])(
    'leaves the name %s as it is where there is no string table',
    (name) => {
      expect(parsePe(buildPe({ sections: [{ name, bytes: data }] })).sections[0]?.name).toBe(name);
    },
  );

  it('lists all certificates, of any kind', () => {
    const file = buildPe({
      sections: [{ name: '.text', bytes: text }],
      certificates: [
        { type: 2, bytes: new Uint8Array(13).fill(7) },
        { type: 9, bytes: new Uint8Array() },
      ],
    });
    const { certificateTable, certificates } = parsePe(file);
    expect(certificateTable).toEqual({ start: 0x700, end: 0x720 });
    expect(certificates).toEqual([
      {
        length: 21,
        revision: 0x0200,
        type: 2,
        range: { start: 0x700, end: 0x715 },
        bytes: new Uint8Array(13).fill(7),
      },
      { length: 8, revision: 0x0200, type: 9, range: { start: 0x718, end: 0x720 }, bytes: new Uint8Array() },
    ]);
  });

  it('accepts a file with too few directories for a certificate table', () => {
    expect(parsePe(buildPe({ directories: 4 }))).toMatchObject({
      certificateEntryOffset: undefined,
      certificateTable: undefined,
      certificates: [],
    });
  });
});
