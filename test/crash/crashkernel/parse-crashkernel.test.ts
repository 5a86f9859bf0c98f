import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCrashkernel } from '../../../src/crash/crashkernel/parse-crashkernel.js';
import { findMachineArchitecture } from '../../../src/machine/architectures.js';
import type { CrashkernelRules } from '../../../src/machine/crashkernel-rules.js';
import { buildMachine, GIB, MIB } from '../../support/machine.js';

const rulesOf = (release: string): CrashkernelRules => {
  const machine = buildMachine({ kernel: { release } });
  return findMachineArchitecture(machine).findCrashkernelRules(machine);
};

const parse = (line: string, release = '6.12.0', ram = 8n * GIB) =>
  parseCrashkernel(line, ram, rulesOf(release));

/** A request in short: size in MiB, address, and what belongs to it. */
const describeRequest = (line: string, release?: string, ram?: bigint) => {
  const parsed = parse(line, release, ram);
  if (parsed === undefined) return undefined;
  if (parsed.kind === 'fault') return parsed.message ?? parsed.cause;
  const { size, base, isHigh, lowSize } = parsed;
  const low = lowSize === undefined ? '' : ` low ${lowSize / MIB}M`;
  const at = base === undefined ? '' : ` at ${base / MIB}M`;
  return `${size / MIB}M${at}${isHigh ? ' high' : ''}${low}`;
};

describe('crashkernel=', () => {
  it.each([
    ['quiet', undefined],
    ['crashkernel=256M', '256M'],
    ['crashkernel=256m quiet', '256M'],
    ['crashkernel=0x10000000', '256M'],
    ['crashkernel=0x10M', '16M'],
    ['crashkernel=0400M', '256M'],
    ['crashkernel=1G@2G', '1024M at 2048M'],
    ['crashkernel=256M@', '256M'],
    ['crashkernel=256M@0', '256M'],
    ['crashkernel=1G-4G:128M,4G-:320M', '320M'],
    ['crashkernel=1G-4G:128M,4G-:320M@1G', '320M at 1024M'],
    ['crashkernel=1G-:128M,broken@1G', '128M at 1024M'],
    ['crashkernel=512M,high', '512M high low 128M'],
    ['crashkernel=512M,high crashkernel=64M,low', '512M high low 64M'],
    ['crashkernel=512M,high crashkernel=0,low', '512M high low 0M'],
    // The kernel searches the text: quotes, dashes and other names mean nothing to it.
    ['init=/x -- crashkernel=256M', '256M'],
    ['notcrashkernel=256M', '256M'],
  ])('%s asks for %s', (line, request) => {
    expect(describeRequest(line)).toBe(request);
  });

  it.each([
    ['crashkernel=', 'crashkernel: memory value expected'],
    ['crashkernel=auto', 'crashkernel: memory value expected'],
    ['crashkernel="256M"', 'crashkernel: memory value expected'],
    ['crashkernel=256MB', 'crashkernel: unrecognized char: B'],
    ['crashkernel=256M,lo', 'crashkernel: unrecognized char: ,'],
    ['crashkernel=256M,low,high', 'crashkernel: unrecognized char: ,'],
    ['crashkernel=256M\tquiet', 'crashkernel: unrecognized char: \t'],
    ['crashkernel=256MB,high', 'crashkernel: unrecognized char: B'],
    ['crashkernel=256M,high crashkernel=x,low', 'crashkernel: memory value expected'],
    ['crashkernel=1G:128M', "crashkernel: '-' expected"],
    ['crashkernel=1G-2G', 'crashkernel: unrecognized char: -'],
    ['crashkernel=:128M', 'crashkernel: Memory value expected'],
    ['crashkernel=4G-1G:128M', 'crashkernel: end <= start'],
    ['crashkernel=1G-2Gx:128M', "crashkernel: ':' expected"],
    ['crashkernel=1G-2G:,2G-:1M', 'crashkernel: Memory value expected'],
    ['crashkernel=1G-:9G', 'crashkernel: invalid size'],
    ['crashkernel=1G-:128M@x', "crashkernel: Memory value expected after '@'"],
    ['crashkernel=1G-2G:128M', 'crashkernel size resulted in zero bytes'],
    ['crashkernel=16G-:512M', 'crashkernel size resulted in zero bytes'],
    ['crashkernel=0', 'zero'],
    ['crashkernel=8G', 'too-large'],
    ['crashkernel=9G,high', 'too-large'],
    ['crashkernel=128M,low', 'suffix-alone'],
  ])('%s is refused: %s', (line, fault) => {
    expect(describeRequest(line)).toBe(fault);
  });

  it('counts last without a suffix; only without such a one do high and low count', () => {
    const lines = 'crashkernel=1G,high crashkernel=128M crashkernel=256M crashkernel=64M,low';
    expect(parse(lines)).toMatchObject({
      text: 'crashkernel=256M',
      ignored: ['crashkernel=1G,high', 'crashkernel=128M', 'crashkernel=64M,low'],
    });
    expect(describeRequest('crashkernel=1G,high crashkernel=2G,high')).toBe('2048M high low 128M');
    // The last one counts even if it is malformed.
    expect(describeRequest('crashkernel=256M crashkernel=lots')).toMatch(/memory value expected/);
  });

  it('differs by release', () => {
    const both = 'crashkernel=1G,high crashkernel=128M,low';
    expect(describeRequest(both, '5.10.0-28-arm64')).toBe('no-high');
    expect(describeRequest(both, '5.18.0')).toBe('no-high');
    expect(describeRequest(both, '5.19.0')).toBe('1024M high low 128M');
    expect(describeRequest(`${both} crashkernel=256M`, '5.10.0')).toBe('256M');
    // 5.19 to 6.1 reserve no low memory by themselves.
    expect(describeRequest('crashkernel=1G,high', '6.1.0')).toBe('1024M high low 0M');
    expect(describeRequest('crashkernel=1G,high', '6.2.0')).toBe('1024M high low 128M');
    // Before 6.17, a parameter with ",cma" is one like any other, and malformed.
    const cma = 'crashkernel=256M crashkernel=512M,cma';
    expect(describeRequest(cma, '6.12.0')).toBe('crashkernel: unrecognized char: ,');
    expect(describeRequest(cma, '6.17.0')).toBe('256M');
    expect(describeRequest('crashkernel=512M,cma', '6.17.0')).toBe('suffix-alone');
    // On arm64, it reserves from 7.3 on.
    expect(parse(cma, '6.17.0')).toMatchObject({ ignored: ['crashkernel=512M,cma'] });
    expect(parse(`crashkernel=1G,cma ${cma}`, '7.3.4')).toMatchObject({
      text: 'crashkernel=256M',
      cma: 'crashkernel=512M,cma',
      ignored: ['crashkernel=1G,cma'],
    });
    expect(parse('crashkernel=1G,high crashkernel=512M,cma', '7.3.4')).toMatchObject({
      text: 'crashkernel=1G,high',
      cma: 'crashkernel=512M,cma',
      ignored: [],
    });
    // From 6.0 on, RAM is rounded up before it is compared with ranges.
    const ram = 4n * GIB - 60n * MIB;
    expect(describeRequest('crashkernel=4G-:320M', '5.19.0', ram)).toMatch(/zero bytes/);
    expect(describeRequest('crashkernel=4G-:320M', '6.0.0', ram)).toBe('320M');
  });

  it('is listed in few words, and parsed in time, if a line has thousands', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `crashkernel=${index}M,low`).join(' ');
    expect(parse(many)).toMatchObject({
      cause: 'suffix-alone',
      text: 'crashkernel=0M,low crashkernel=1M,low crashkernel=2M,low crashkernel=3M,low and 19996 more',
    });
    expect(parse(`crashkernel=${'1-2:1,'.repeat(100_000)}`)).toMatchObject({ kind: 'fault' });
    expect(parse(`crashkernel=${'9'.repeat(1_000_000)}`)).toBeDefined();
  });

  it('never throws, and asks for less than the RAM', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'0123456789abxKMGTPE-:,@ .'.split(''), ',high', ',low'),
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, (value) => {
        const parsed = parse(`crashkernel=${value}`);
        if (parsed?.kind === 'request') expect(parsed.size > 0n && parsed.size < 8n * GIB).toBe(true);
      }),
    );
  });
});
