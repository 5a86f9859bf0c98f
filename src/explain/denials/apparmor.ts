import { type AuditFields, isAboutKexec, readAuditFields, toWord } from './audit-fields.js';
import type { Denial } from './denial.js';

/** Profiles of container runtimes: nobody extends them for kexec. */
const CONTAINER_PROFILE = /^(?:docker-|containers-|crio|cri-|lxc|lxd|:?\/\/|snap\.)/;

/** Reads a denial of AppArmor: `audit_pre()` of security/apparmor/audit.c. */
export function readApparmorDenial(line: string): Denial | undefined {
  if (!line.includes('apparmor=')) return undefined;
  const fields = readAuditFields(line);
  const verdict = fields.get('apparmor');
  if (verdict !== 'DENIED' && verdict !== 'ALLOWED') return undefined;
  const capability = fields.get('capname') ?? '';
  if (capability !== 'sys_boot' && !isAboutKexec(fields)) return undefined;
  const isComplaining = verdict === 'ALLOWED';
  const access = describeAccess(fields, capability);
  const profile = fields.get('profile') ?? 'unknown';
  const cure = advise(fields, capability);
  const seen = `profile ${profile} (${fields.get('comm') ?? 'unknown'}), ${access}`;
  return {
    cause: 'apparmor-denial',
    subject: `${profile} ${access} ${verdict}`,
    check: 'security-module',
    severity: isComplaining ? 'harmless' : 'stops',
    meaning: isComplaining
      ? `AppArmor would deny it, but the profile only complains: ${seen}`
      : `AppArmor denied it: ${seen}`,
    cure: isComplaining ? `nothing to do now; before the profile is enforced: ${cure}` : cure,
    ...(isComplaining ? {} : { errno: capability === '' ? ('EACCES' as const) : ('EPERM' as const) }),
  };
}

function describeAccess(fields: AuditFields, capability: string): string {
  if (capability !== '') return `permission: capability ${capability}`;
  const mask =
    fields.get('denied_mask') ?? fields.get('requested_mask') ?? fields.get('operation') ?? 'access';
  return `permission ${mask} on ${fields.get('name') ?? 'something without a name'}`;
}

function advise(fields: AuditFields, capability: string): string {
  const profile = toWord(fields.get('profile'), 'PROFILE');
  if (CONTAINER_PROFILE.test(profile))
    return 'run it on the machine itself, outside of the container or the snap: their profiles do not allow kexec';
  const mask = toWord(fields.get('denied_mask') ?? fields.get('requested_mask'), 'r').replace(/c/g, 'w');
  const rule =
    capability === ''
      ? `${toWord(fields.get('name'), 'FILE')} ${mask},`
      : `capability ${toWord(capability, 'sys_boot')},`;
  return (
    `add the line "${rule}" to the profile (a file in /etc/apparmor.d/local, or aa-logprof), and load it again ` +
    `(apparmor_parser -r); to try without, let the profile only complain: aa-complain ${profile}`
  );
}
