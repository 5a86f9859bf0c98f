import { describe, expect, it } from 'vitest';
import { encodeLatin1 } from '../../../src/base/bytes.js';
import type { Vmcore } from '../../../src/vmcore/open/open-vmcore.js';
import { buildElfVmcore, buildNote } from '../../support/crashed-kernel.js';
import { openVmcoreBytes, readDmesg, readExpectedDmesg, readReducedVmcore } from '../../support/vmcore.js';

const NAME = 'linux-7.3-48bit';
const PAGE = 4096;
/** A page frame that the dump lacks. */
const PHYSICAL = 0x4f00_0000n;

describe('VMCOREINFO that no note has is found in memory', () => {
  const whole = readReducedVmcore(NAME);
  const { loads, vmcoreinfo } = openVmcoreBytes(whole);
  const pieces = loads.map(({ physicalAddress, virtualAddress, offset, fileSize }) => ({
    physical: physicalAddress,
    virtual: virtualAddress,
    bytes: whole.subarray(Number(offset), Number(offset + fileSize)),
  }));
  const textOf = (more: readonly string[]): Uint8Array => {
    const lines = Object.entries(vmcoreinfo.lines).map(([name, value]) => `${name}=${value}`);
    return encodeLatin1([...lines.slice(0, 1), ...more, ...lines.slice(1), ''].join('\n'));
  };
  const dumpWith = (found: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(Math.ceil((found.length + 1) / PAGE) * PAGE);
    bytes.set(found);
    return buildElfVmcore({
      notes: buildNote('NOTHING', 0, new Uint8Array(4)),
      pieces: [{ physical: PHYSICAL, virtual: 0n, bytes }, ...pieces],
    });
  };
  const remarksOf = ({ remarks }: Vmcore): string => remarks.join('\n');

  it.each([
    ['of less than a page', []],
    [
      'longer than a page',
      Array.from({ length: 400 }, (_, index) => `OFFSET(a_struct.field_${index})=${index}`),
    ],
  ])('%s: the note, and its text alone', (_, more) => {
    const text = textOf(more);
    for (const found of [buildNote('VMCOREINFO', 0, text), text]) {
      const dump = dumpWith(found);
      const opened = openVmcoreBytes(dump);
      expect(remarksOf(opened)).toContain('found in memory, at physical address 0x4f000000');
      expect(opened.vmcoreinfo.lines).toMatchObject(vmcoreinfo.lines);
      expect(Object.keys(opened.vmcoreinfo.lines).length).toBe(
        Object.keys(vmcoreinfo.lines).length + more.length,
      );
      expect(readDmesg(dump)).toEqual({ text: readExpectedDmesg(NAME), problems: [] });
    }
  });

  it('unless it is of another kernel', () => {
    const text = new TextDecoder().decode(textOf([])).replace('OSRELEASE=7.3.4', 'OSRELEASE=7.3.5');
    const opened = openVmcoreBytes(dumpWith(buildNote('VMCOREINFO', 0, encodeLatin1(text))));
    expect(remarksOf(opened)).not.toContain('found in memory');
  });
});
