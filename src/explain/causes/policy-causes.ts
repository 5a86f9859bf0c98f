import type { CauseTable } from './cause.js';

/**
 * Gates that log a line in words: lockdown, LoadPin, IMA, sysctls. Denials of SELinux, AppArmor, IMA and seccomp are
 * records with fields, which src/explain/denials reads. Sources: security/lockdown, security/loadpin,
 * security/integrity, kernel/sysctl.c.
 */
export const POLICY_CAUSES = {
  'lockdown-kexec': {
    check: 'lockdown',
    severity: 'stops',
    meaning:
      'the kernel is locked down, and refused a kernel that is not signed by a trusted key, or refused kexec_load, which takes ' +
      'no signature: EPERM',
    lines: [['kexec of unsigned images', 'is restricted']],
  },
  'lockdown-kcore': {
    check: 'lockdown',
    severity: 'warns',
    meaning:
      'the kernel is locked down, and refused to read /proc/kcore, from which tools take where the running kernel lies',
    cure: 'load by kexec_file_load (--syscall file; kexec-tools: -s), which does not need /proc/kcore',
    lines: [['/proc/kcore access', 'is restricted']],
  },
  'lockdown-on': {
    check: 'lockdown',
    severity: 'harmless',
    meaning:
      'the kernel is locked down: it refuses kexec_load, and by kexec_file_load it takes only a kernel that a trusted key signed',
    lines: ['Kernel is locked down from'],
  },
  loadpin: {
    check: 'security-module',
    severity: 'stops',
    meaning:
      'LoadPin refused to read a kernel or an initrd from another file system than the first file that was loaded: EPERM; or it ' +
      'refused kexec_load, which reads no file',
    cure:
      'put kernel and initrd on the pinned file system (mostly the root file system), and load by kexec_file_load ' +
      '(--syscall file); loadpin.enforce=0 on the command line, where the kernel permits it',
    parameter: 'loadpin.enforce=0',
    lines: [],
    otherLines: {
      of: 'kernels with CONFIG_SECURITY_LOADPIN',
      lines: [
        ['LoadPin: kexec-image ', 'denied'],
        ['LoadPin: kexec-initramfs ', 'denied'],
      ],
    },
  },
  'ima-no-file': {
    check: 'ima-appraisal',
    severity: 'stops',
    meaning:
      "IMA's policy appraises kernels, and kexec_load has no file whose signature IMA could verify: EACCES",
    cure:
      'load by kexec_file_load (--syscall file; kexec-tools: -s), with a kernel that has the signature which the policy demands; a ' +
      "kernel without CONFIG_KEXEC_FILE has no call left: systemctl reboot, or, if the log says that Secure Boot is on, switch it off in the firmware's settings",
    lines: ['impossible to appraise a kernel image'],
  },
  'ima-secure-boot': {
    check: 'ima-appraisal',
    severity: 'harmless',
    meaning:
      'Secure Boot is on: a kernel with CONFIG_IMA_ARCH_POLICY then requires a signature for kexec, and refuses kexec_load with EACCES',
    cure: 'nothing to do if kernels are signed and loaded by kexec_file_load; for information',
    lines: ['secureboot mode enabled'],
  },
  'ima-list-not-passed': {
    check: 'ima-measurements',
    severity: 'warns',
    meaning: "IMA's list of measurements is not handed on to the next kernel, which loads all the same",
    lines: [],
    otherLines: {
      of: 'kernels with CONFIG_IMA_KEXEC',
      lines: [
        'Could not allocate ima pages array',
        'Could not map ima buffer',
        'Binary measurement list too large',
        'Not enough memory for the kexec measurement buffer',
        'Error passing over kexec measurement buffer',
      ],
    },
  },
  'ima-list-not-taken': {
    check: 'ima-measurements',
    severity: 'warns',
    meaning:
      "the next kernel cannot take over IMA's list of measurements: it is damaged, or of another format",
    cure:
      'give both kernels the same ima_template= and ima_hash=, and load with purgatory, which verifies the list; a TPM keeps the ' +
      'old values either way',
    lines: [],
    otherLines: {
      of: 'kernels with CONFIG_IMA_KEXEC',
      lines: [
        'Failed to restore the measurement list',
        'attempting to restore ',
        ['IMA buffer at 0x', 'beyond memory'],
      ],
    },
  },
  'kexec-disabled': {
    check: 'live-permission',
    severity: 'stops',
    meaning:
      'kernel.kexec_load_disabled is set to 1: from now on, every load and unload fails with EPERM, for root, too',
    cure:
      'it cannot be set back: remove it from what sets it (/etc/sysctl.conf, /etc/sysctl.d, a hardening service), or load ' +
      'before that runs, and reboot',
    lines: [],
    otherLines: {
      of: 'sysctl(8), systemd-sysctl and the command line',
      lines: [
        'kexec_load_disabled = 1',
        'kexec_load_disabled=1',
        "'1' to 'kernel/kexec_load_disabled'",
        "'kernel/kexec_load_disabled' to '1'",
        'setting key "kernel.kexec_load_disabled"',
      ],
    },
  },
  'kexec-limit': {
    check: 'live-permission',
    severity: 'stops',
    meaning: 'kernel.kexec_load_limit_reboot or _panic is 0: loads of that kind fail with EPERM',
    cure: 'it can only be lowered: remove it from what sets it (/etc/sysctl.d), or set it after the load, and reboot',
    lines: [],
    otherLines: {
      of: 'sysctl(8), systemd-sysctl and the command line',
      lines: [
        'kexec_load_limit_reboot = 0',
        'kexec_load_limit_panic = 0',
        'kexec_load_limit_reboot=0',
        'kexec_load_limit_panic=0',
        "'kernel/kexec_load_limit_reboot' to '0'",
        "'kernel/kexec_load_limit_panic' to '0'",
        'setting key "kernel.kexec_load_limit_',
      ],
    },
  },
} as const satisfies CauseTable;
