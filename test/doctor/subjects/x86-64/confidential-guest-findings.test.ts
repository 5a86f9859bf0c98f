import { describe, expect, it } from 'vitest';
import { listFacts } from '../../../support/doctor.js';
import { readX86Files, recordX86 } from '../../../support/x86-machine.js';

const name = 'x86-64-ovmf';
const { cpuinfo = '', 'boot-params': bootParams = new Uint8Array(0) } = readX86Files(name);
const tdx = { cpuinfo: cpuinfo.replaceAll(' vmmcall', ' vmmcall tdx_guest') };
const snp = { 'boot-params': bootParams.map((byte, at) => (at === 0x13d ? 0x80 : byte)) };

const guestOf = (changes: Parameters<typeof recordX86>[1], commandLine?: string) =>
  listFacts('memory', {
    ...recordX86(name, changes),
    ...(commandLine === undefined ? {} : { commandLine }),
  }).filter((fact) => fact.includes('guest'));

describe('a confidential guest', () => {
  it.each([
    ['TDX', tdx],
    ['SEV-SNP', snp],
  ])('of %s may have memory that it has not accepted', (guest, changes) => {
    expect(guestOf(changes)).toEqual([
      `warns kexec: this is a guest of ${guest}: memory that it has not used yet may not be accepted`,
    ]);
    expect(guestOf(changes, 'quiet accept_memory=lazy accept_memory=eager')).toEqual([
      `fine kexec: this is a guest of ${guest}, which accepted all memory at boot (accept_memory=eager)`,
    ]);
  });

  it('is none, or unknown', () => {
    expect(guestOf({})).toEqual([]);
    const unknown = ['unknown kexec: whether this is a confidential guest (TDX, SEV-SNP) is not known'];
    expect(guestOf({ cpuinfo: undefined })).toEqual(unknown);
    expect(guestOf({ 'boot-params': undefined })).toEqual(unknown);
  });

  it('has no memory to accept without UEFI', () => {
    const facts = listFacts('memory', recordX86('x86-64-seabios', { cpuinfo: undefined }));
    expect(facts.join()).not.toContain('guest');
  });
});
