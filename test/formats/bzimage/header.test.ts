import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  copySetupHeader,
  findBuild,
  formatProtocol,
  isBzimage,
  measureSetup,
  parseBzimageHeader,
} from '../../../src/formats/bzimage/header.js';
import { BZIMAGE_FIELDS, buildBzimage } from '../../support/bzimage.js';
import { catchRefusal, flipEachBit } from '../../support/hostile.js';

describe('parseBzimageHeader', () => {
  it('reads every field at its offset', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
    const u8 = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(
        fc.record({
          setupSects: u8,
          jump: u8,
          loadflags: u8,
          kernelAlignment: u32,
          initSize: u32,
          cmdlineSize: u32,
          prefAddress: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        }),
        (fields) => {
          expect(parseBzimageHeader(buildBzimage({ ...fields, kernelSize: 0 }))).toMatchObject(fields);
        },
      ),
    );
  });

  it.each([
    [0x0200, ['initrdAddrMax', 'kernelAlignment', 'cmdlineSize', 'prefAddress', 'initSize', 'xloadflags']],
    [0x0203, ['kernelAlignment', 'cmdlineSize', 'payloadOffset', 'xloadflags']],
    [0x0206, ['hardwareSubarch', 'payloadOffset', 'prefAddress']],
    [0x0209, ['prefAddress', 'initSize', 'minAlignment', 'xloadflags']],
    [0x020b, ['xloadflags', 'kernelInfoOffset']],
    [0x020c, ['kernelInfoOffset']],
    [0x020f, []],
  ] as const)('protocol %i lacks %j', (version, lacks) => {
    const header = parseBzimageHeader(buildBzimage({ version }));
    for (const name of lacks) expect(header[name], name).toBeUndefined();
    const has = Object.values(header).filter((value) => value === undefined).length;
    expect(has).toBeGreaterThanOrEqual(lacks.length);
    if (lacks.length === 0) expect(has).toBe(0);
  });

  it('returns what no loader accepts', () => {
    expect(parseBzimageHeader(buildBzimage({ initSize: 0, kernelAlignment: 0 }))).toMatchObject({
      initSize: 0,
      kernelAlignment: 0,
    });
  });

  it.each([0, 0x205, 0x206, 0x236, 0x263])('refuses a file of %i bytes', (length) => {
    const refusal = catchRefusal(() => parseBzimageHeader(buildBzimage().subarray(0, length)));
    expect(refusal).toMatchObject({ check: 'bzimage-header', errno: 'ENOEXEC' });
  });

  it('refuses a file without HdrS', () => {
    const refusal = catchRefusal(() => parseBzimageHeader(new Uint8Array(2048)));
    expect(refusal).toMatchObject({ check: 'bzimage-header', errno: 'ENOEXEC', offset: 0x202n });
  });

  it('ends in a value or a refusal, whatever bit is flipped', () => {
    for (const bytes of flipEachBit(buildBzimage({ kernelSize: 0 }).subarray(0, 0x280), 0x280)) {
      catchRefusal(() => parseBzimageHeader(bytes));
      copySetupHeader(bytes);
    }
  });
});

describe('measureSetup', () => {
  it.each([
    [0, 2560],
    [1, 1024],
    [39, 20480],
    [255, 131072],
  ])('%i sectors', (setupSects, size) => {
    expect(measureSetup({ setupSects })).toBe(size);
  });
});

describe('copySetupHeader', () => {
  it.each([
    [0, 0x11],
    [0x6a, 0x7b],
    [0xff, 0x110],
  ])('a jump of %i: %i bytes', (jump, size) => {
    const file = buildBzimage({ jump });
    expect(copySetupHeader(file)).toEqual(file.slice(0x1f1, 0x1f1 + size));
  });
});

describe('the build', () => {
  it('is the text behind kernel_version', () => {
    expect(findBuild(buildBzimage())).toEqual({ text: BZIMAGE_FIELDS.build, offset: 0x300 });
  });

  it.each([
    ['no text', 0],
    ['a pointer beyond the file', 0xffff],
  ])('%s', (_, pointer) => {
    const file = buildBzimage({ kernelSize: 0 });
    new DataView(file.buffer).setUint16(0x20e, pointer, true);
    expect(findBuild(file)).toBeUndefined();
  });
});

it('formats a protocol version', () => {
  expect([0x020f, 0x0200, 0x020c].map(formatProtocol)).toEqual(['2.15', '2.00', '2.12']);
});

it('recognises a bzImage', () => {
  expect(isBzimage(buildBzimage())).toBe(true);
  expect(isBzimage(new Uint8Array(4096))).toBe(false);
});
