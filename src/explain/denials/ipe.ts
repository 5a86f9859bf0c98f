import { readAuditFields, toWord } from './audit-fields.js';
import type { Denial } from './denial.js';

/** Reads a denial of IPE (Linux 6.12): `ipe_audit_match()` of security/ipe/audit.c. */
export function readIpeDenial(line: string): Denial | undefined {
  if (!line.includes('ipe_op=KEXEC_')) return undefined;
  const fields = readAuditFields(line);
  if (!(fields.get('rule') ?? '').includes('action=DENY')) return undefined;
  const operation = toWord(fields.get('ipe_op'), 'KEXEC_IMAGE');
  const path = fields.get('path') ?? 'the file';
  const isPermissive = fields.get('enforcing') === '0';
  const cure =
    `verify the file system that it is on by dm-verity or fs-verity, as the policy trusts it, or extend the policy (op=${operation} ` +
    '… action=ALLOW) and sign it; policies are in /sys/kernel/security/ipe/policies';
  return {
    cause: 'ipe-denial',
    subject: `${operation} ${path} ${isPermissive}`,
    check: 'security-module',
    severity: isPermissive ? 'harmless' : 'stops',
    meaning: isPermissive
      ? `IPE would deny it, but is permissive: ${operation} of ${path}`
      : `IPE denied it: ${operation} of ${path}, by the rule "${fields.get('rule')}"`,
    cure: isPermissive ? `nothing to do now; before IPE enforces: ${cure}` : cure,
    ...(isPermissive ? {} : { errno: 'EACCES' as const }),
  };
}
