import { describe, expect, it } from 'vitest';
import { listFacts, listFindings } from '../../support/doctor.js';
import { buildMachine } from '../../support/machine.js';

const keys = [{ name: 'data' }, { name: 'root', description: 'cryptsetup:root' }];

describe('dm-crypt keys for a crash kernel', () => {
  it('are named', () => {
    const dmCryptKeys = { keys: keys.slice(1), reuse: false };
    expect(listFacts('dump', buildMachine({ dmCryptKeys }))).toContain(
      'fine kdump: kexec_file_load hands dm-crypt keys to a crash kernel: cryptsetup:root',
    );
  });

  it('stop a load without a description, unless they are used again', () => {
    const [finding] = listFindings('dump', buildMachine({ dmCryptKeys: { keys, reuse: false } }));
    expect(finding).toMatchObject({
      severity: 'stops',
      about: 'kdump',
      fact: 'the dm-crypt key data has no description',
      cure: expect.stringContaining('/sys/kernel/config/crash_dm_crypt_keys/data/description'),
    });
    expect(listFacts('dump', buildMachine({ dmCryptKeys: { keys, reuse: true } }))).toContain(
      'fine kdump: kexec_file_load hands dm-crypt keys to a crash kernel: data, cryptsetup:root',
    );
  });

  it('are no finding where there are none, and unknown only to a kernel that may have them', () => {
    const unknown = [{ fact: 'dm-crypt-keys', reason: 'configfs is not mounted' }];
    const factsOf = (config?: Record<string, string>) =>
      listFacts(
        'dump',
        buildMachine({ unknown, kernel: { release: '7.3.4', ...(config && { config }) } }),
      ).filter((fact) => fact.includes('dm-crypt'));
    expect(listFacts('dump', buildMachine({ dmCryptKeys: { keys: [], reuse: false } })).join()).not.toContain(
      'dm-crypt',
    );
    expect(factsOf({ CRASH_DM_CRYPT: 'y' })).toEqual([
      'unknown kdump: dm-crypt-keys could not be read: configfs is not mounted',
    ]);
    expect(factsOf({})).toEqual([]);
  });
});
