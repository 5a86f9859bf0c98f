import type { Machine } from '../../machine/machine-value.js';
import type { Finding } from '../finding.js';

const FOLDER = '/sys/kernel/config/crash_dm_crypt_keys';

const FRAME = {
  topic: 'dump',
  about: 'kdump',
  source: `${FOLDER}; crash_load_dm_crypt_keys()`,
} as const;

/** Finds which dm-crypt keys a crash kernel is given, and whether they make its load fail. */
export function diagnoseDmCrypt({ dmCryptKeys }: Machine): Finding[] {
  if (dmCryptKeys === undefined || dmCryptKeys.keys.length === 0) return [];
  const { keys, reuse } = dmCryptKeys;
  const nameless = reuse ? undefined : keys.find(({ description }) => description === undefined);
  if (nameless !== undefined) {
    return [
      {
        ...FRAME,
        severity: 'stops',
        fact: `the dm-crypt key ${nameless.name} has no description`,
        why: 'the kernel asks for a logon key by it; without one, kexec_file_load of a crash kernel fails',
        cure: `write the description of a logon key to ${FOLDER}/${nameless.name}/description, or remove the folder with rmdir`,
        evidence: { check: 'dm-crypt-keys', holds: false },
      },
    ];
  }
  const names = keys.map(({ name, description }) => description ?? name).join(', ');
  return [
    {
      ...FRAME,
      severity: 'fine',
      fact: `kexec_file_load hands dm-crypt keys to a crash kernel: ${names}`,
      why: reuse
        ? 'they are those of the crash kernel that is loaded, whatever the keyrings have now (reuse is 1)'
        : 'each must be a logon key in a keyring of the process that loads (keyctl show @u), or the load fails; kexec_load hands none over',
      evidence: { check: 'dm-crypt-keys' },
    },
  ];
}
