import type { Errno } from '../../base/errno.js';
import { type AuditFields, isAboutKexec, readAuditFields, toWord } from './audit-fields.js';
import type { Denial } from './denial.js';

/** `avc_audit_pre_callback()` of security/selinux/avc.c; permissions are words. */
const AVC = /avc: +denied +\{ ([\w ]{1,200}) \}/;

/** A denial in the words of setroubleshoot. */
const TROUBLE = /SELinux is preventing (\S{1,256}) from ([^.]{1,200})/;

/** An access that SELinux denied. */
interface Access {
  readonly fields: AuditFields;
  readonly permissions: string;
  readonly tclass: string;
  /** The types of the two labels: of the process, and of what it accesses. */
  readonly domain: string;
  readonly target: string;
}

/** Reads a denial of SELinux: an AVC record in any log, or the words of setroubleshoot. */
export function readSelinuxDenial(line: string): Denial | undefined {
  const permissions = AVC.exec(line)?.[1];
  if (permissions === undefined) return readTrouble(line);
  const fields = readAuditFields(line);
  const access = {
    fields,
    permissions,
    tclass: toWord(fields.get('tclass'), 'CLASS'),
    domain: findType(fields.get('scontext'), 'DOMAIN'),
    target: findType(fields.get('tcontext'), 'TYPE'),
  };
  if (!isRelevant(access)) return undefined;
  const isPermissive = fields.get('permissive') === '1';
  const effect = findEffect(access);
  const program = toWord(fields.get('comm'), 'kexec');
  const seen =
    `domain ${access.domain} (${program}), permission { ${permissions} }, class ${access.tclass} on ` +
    describeTarget(access);
  return {
    cause: 'selinux-denial',
    subject: `${access.domain} ${permissions} ${access.tclass} ${access.target} ${isPermissive}`,
    check: 'security-module',
    severity: isPermissive ? 'harmless' : 'stops',
    meaning: isPermissive
      ? `SELinux would deny it, but only logs it, because it or the domain is permissive: ${seen}`
      : `SELinux denied it: ${seen}; ${effect.meaning}`,
    cure: isPermissive ? `nothing to do now; before SELinux enforces: ${effect.cure}` : effect.cure,
    ...(isPermissive ? {} : { errno: effect.errno }),
  };
}

/** The third part of a label: `system_u:system_r:kdump_t:s0`. */
function findType(label: string | undefined, placeholder: string): string {
  return toWord(label?.split(':')[2], placeholder);
}

/** Permissions that only kexec needs: their denial is relevant for every program. */
const KEXEC_PERMISSION = /\b(?:kexec_image_load|kexec_initramfs_load|sys_boot)\b/;

function isRelevant({ fields, permissions, tclass }: Access): boolean {
  if (KEXEC_PERMISSION.test(permissions)) return true;
  if (tclass === 'lockdown' && (fields.get('lockdown_reason') ?? '').includes('kexec')) return true;
  return isAboutKexec(fields) || /kdump|kexec/.test(fields.get('path') ?? '');
}

function describeTarget({ fields, target, domain }: Access): string {
  const name = fields.get('path') ?? fields.get('name') ?? fields.get('kmod');
  const type = target === domain ? 'itself' : `type ${target}`;
  return name === undefined ? type : `${name} (${type})`;
}

interface Effect {
  readonly errno: Errno;
  readonly meaning: string;
  readonly cure: string;
}

/** What a denial leads to, and what to do about it. */
function findEffect(access: Access): Effect {
  const { fields, permissions, tclass } = access;
  const extend = adviseRule(access);
  const file = toWord(fields.get('path') ?? fields.get('name'), 'FILE');
  if (tclass === 'lockdown') {
    return {
      errno: 'EACCES',
      meaning:
        "this is SELinux's own class lockdown, of Linux 5.6 to 5.16, and not the lockdown of the kernel",
      cure: extend,
    };
  }
  if (/\bsys_boot\b/.test(permissions))
    return {
      errno: 'EPERM',
      meaning: 'kexec_load, kexec_file_load and reboot need this capability',
      cure: extend,
    };
  if (/\bkexec_(?:image|initramfs)_load\b/.test(permissions)) {
    return {
      errno: 'EACCES',
      meaning:
        'the domain may not load a kernel or an initrd from a file of this type (Linux 6.15 and later ask for it)',
      cure: `give the file the label that it should have (restorecon -v ${file}); if it has it, ${extend}`,
    };
  }
  if (/\bmodule_request\b/.test(permissions)) {
    return {
      errno: 'EACCES',
      meaning: 'the kernel could not load a module on demand, for instance the algorithm of a signature',
      cure: `load the module before (modprobe ${toWord(fields.get('kmod'), 'MODULE')}), or setsebool -P domain_kernel_load_modules 1; else ${extend}`,
    };
  }
  if (/^(?:file|dir|lnk_file)$/.test(tclass) && !/^(?:proc|sysfs|debugfs)_/.test(`${access.target}_`)) {
    return {
      errno: 'EACCES',
      meaning: 'the program cannot use this file',
      cure: `give the file the label that it should have (restorecon -v ${file}); if it has it, ${extend}`,
    };
  }
  return { errno: 'EACCES', meaning: 'the program continues without it, or fails', cure: extend };
}

/** How to allow it: the rule itself, how to make it, and how to try without. */
function adviseRule({ fields, permissions, tclass, domain, target }: Access): string {
  const object = target === domain ? 'self' : target;
  const program = toWord(fields.get('comm'), 'kexec');
  return (
    `update the policy (selinux-policy), or extend it by "allow ${domain} ${object}:${tclass} { ${permissions} };": ` +
    `ausearch -m avc -c ${program} --raw | audit2allow -M local-kexec, read local-kexec.te, then semodule -i local-kexec.pp; ` +
    `to try without, make this one domain permissive: semanage permissive -a ${domain}`
  );
}

function readTrouble(line: string): Denial | undefined {
  const [, program, what] = TROUBLE.exec(line) ?? [];
  if (program === undefined || what === undefined) return undefined;
  if (!/kexec|kdump|vmcore|makedumpfile|\bsys_boot\b/.test(`${program} ${what}`)) return undefined;
  const name = toWord(program.slice(program.lastIndexOf('/') + 1), 'kexec');
  return {
    cause: 'selinux-denial',
    subject: `${name} ${what}`,
    check: 'security-module',
    severity: 'stops',
    meaning: `SELinux denied it: ${program} from ${what}`,
    cure:
      `read the record itself for domain and permission (ausearch -m avc -c ${name} | kexec-file explain --log -); update ` +
      `the policy, or extend it: ausearch -m avc -c ${name} --raw | audit2allow -M local-kexec, then semodule -i local-kexec.pp; ` +
      'to try without, make the one domain permissive: semanage permissive -a DOMAIN',
  };
}
