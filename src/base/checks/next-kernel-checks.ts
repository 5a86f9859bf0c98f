import type { CheckTable } from './rule.js';

/** What the next kernel needs once it runs. It reports in its log what fails: `explain --log` recognises the lines. */
export const NEXT_KERNEL_CHECKS = {
  'next-start': {
    rule: 'the next kernel starts, and its console works',
    source: 'machine_kexec()',
    errnos: [],
    cure: 'add earlycon to its command line to see where it stops; kexec-file boot tries the same segments in QEMU',
  },
  'next-initrd': {
    rule: 'the next kernel can unpack its initrd, and has the memory for what is in it',
    source: 'unpack_to_rootfs()',
    errnos: [],
    cure: 'build the initrd again, and check it with kexec-file doctor KERNEL --initrd FILE before it is loaded',
  },
  'next-root': {
    rule: 'the next kernel finds an init: in its initrd, or on the file system that root= names',
    source: 'kernel_init(), mount_root()',
    errnos: [],
    cure: 'load an initrd (--initrd), or a command line whose root= the kernel can mount without one',
  },
  'next-memory': {
    rule: 'the next kernel has enough memory to boot; a crash kernel has only the crash region',
    source: 'out_of_memory()',
    errnos: [],
    cure: 'reserve a larger crash region (kexec-file crash estimate computes its size), or load a smaller initrd',
  },
  'next-elfcorehdr': {
    rule: 'a crash kernel finds the ELF core header at linux,elfcorehdr, whole and where nothing else is',
    source: 'vmcore_init(), reserve_elfcorehdr()',
    errnos: [],
    cure:
      'load the crash kernel again after each change of memory or CPUs; kexec-file crash lint examines the header of a ' +
      'loaded crash kernel',
  },
  'next-device-tree': {
    rule: 'the next kernel can read its device tree, and every reservation in it',
    source: 'setup_machine_fdt(), early_init_fdt_scan_reserved_mem()',
    errnos: [],
    cure: 'load again without --dtb, so that the device tree of the running kernel is used; kexec-file inspect examines one',
  },
  'next-interrupts': {
    rule: 'the interrupt controller, which keeps running across kexec, uses no memory of the next kernel',
    source: 'redist_disable_lpis(), its_probe_one()',
    errnos: [],
    cure: 'boot the first kernel by UEFI, so that Linux passes the reservation of the tables to the next kernel; else reboot through firmware',
  },
  'next-cpus': {
    rule: 'the firmware starts each CPU that the leaving kernel switched off',
    source: '__cpu_up(), PSCI CPU_ON',
    errnos: [],
    cure: 'update the firmware; a crash kernel needs one CPU only: nr_cpus=1 on its command line',
  },
  'next-devices': {
    rule: 'every device has stopped its work for the leaving kernel before the next one runs',
    source: 'device_shutdown(), arm_smmu_device_reset()',
    errnos: [],
    cure: 'update the driver; before kexec, unload the driver (modprobe -r) or unbind the device; a crash kernel: reset_devices',
  },
  'ima-measurements': {
    rule: "IMA's list of measurements is handed on to the next kernel",
    source: 'ima_add_kexec_buffer(), ima_load_kexec_buffer()',
    errnos: [],
    cure: 'reboot through firmware if remote attestation needs the whole list: it starts anew there, with the TPM',
  },
  'kdump-service': {
    rule: 'the kdump service loads a crash kernel, and saves the dump after a crash',
    source: 'kdump-tools, kdump-utils',
    errnos: [],
    cure: 'run kexec-file doctor --panic as root to find what stops it; the log of the service has more (journalctl -u kdump-tools -u kdump)',
  },
} as const satisfies CheckTable;
