import type { CauseTable } from './cause.js';

/** Messages of kexec-tools, which a journal contains beside those of the kernel. */
export const KEXEC_TOOLS_CAUSES = {
  'kexec-file-type': {
    check: 'kernel-file',
    severity: 'stops',
    lines: ['Cannot determine the file type of'],
  },
  'kexec-no-room': {
    check: 'segment-hole',
    severity: 'stops',
    lines: ['Could not find a free area of memory', 'locate_hole failed'],
  },
  'kexec-no-crash-region': {
    check: 'crash-region',
    severity: 'stops',
    meaning:
      'nothing is reserved for a crash kernel: the command line has no crashkernel=, or the kernel refused it',
    cure:
      'search the log of the boot for the reason (dmesg | grep -i crashkernel); without one, add crashkernel= ' +
      '(kexec-file crash estimate computes the size), and reboot',
    parameter: 'crashkernel=SIZE',
    lines: ['Memory for crashkernel is not reserved', 'get_crash_kernel_load_range() failed'],
  },
  'kexec-no-file-call': {
    check: 'running-call',
    severity: 'stops',
    lines: ['syscall kexec_file_load not available'],
  },
  'kexec-file-load-failed': {
    check: 'kexec-file-load',
    severity: 'stops',
    lines: ['kexec_file_load failed: '],
  },
  'kexec-load-failed': {
    check: 'kexec-load',
    severity: 'stops',
    lines: ['kexec_load failed: '],
  },
  'kexec-unload-failed': {
    check: 'live-permission',
    severity: 'stops',
    meaning: 'a kernel could not be unloaded',
    lines: ['kexec unload failed: ', 'kexec_file_load(unload) failed: '],
  },
  'kexec-reboot-failed': {
    check: 'reboot',
    severity: 'stops',
    meaning: 'reboot(2) did not enter the loaded kernel',
    lines: ['kexec failed: '],
  },
  'systemd-no-kernel': {
    check: 'live-state',
    severity: 'stops',
    meaning:
      'systemctl kexec found no loaded kernel, and loads one by itself only from an EFI system partition',
    cure: 'load one first (kexec-file load KERNEL --initrd FILE --reuse-cmdline), then: systemctl kexec',
    lines: [],
    otherLines: { of: 'systemd', lines: ['No kexec kernel loaded and '] },
  },
  'kexec-device-tree': {
    check: 'next-device-tree',
    severity: 'stops',
    meaning: 'kexec-tools finds no device tree, or cannot change the one it was given',
    cure: 'run it as root with /sys/firmware/fdt; leave --dtb out, or examine the file with kexec-file inspect',
    lines: [
      'kexec: Error: No device tree available',
      'kexec: Invalid 2nd device tree',
      'kexec: Set device tree bootargs failed',
    ],
  },
  'kexec-too-big': {
    check: 'segment-crash',
    severity: 'stops',
    meaning:
      'kernel, initrd and device tree do not fit into the memory that they may use: for a crash kernel, its region',
    cure: 'load a smaller initrd, or reserve a larger crash region (kexec-file crash estimate computes its size)',
    parameter: 'crashkernel=SIZE',
    lines: ['kexec: Error: image + initrd too big', 'kexec: Error: dtb too big'],
  },
  'kexec-crash-header': {
    check: 'elfcorehdr',
    severity: 'stops',
    meaning: 'kexec-tools cannot build the ELF core header',
    cure: 'run it as root, with /proc/iomem and /proc/kcore; in lockdown, load by kexec_file_load (kexec-tools: -s)',
    lines: ['Creating eflcorehdr failed'],
  },
  'kexec-reuse-initrd': {
    check: 'next-root',
    severity: 'stops',
    meaning: 'the running kernel did not keep its initrd, so it cannot be used again',
    cure: 'give the file: --initrd /boot/initrd.img-VERSION; or boot the running kernel with retain_initrd',
    parameter: 'retain_initrd',
    lines: ["current boot didn't retain the initrd for reuse"],
  },
  'kexec-image-header': {
    check: 'image-magic',
    severity: 'stops',
    lines: ['Valid arm64 header not found'],
  },
} as const satisfies CauseTable;

/**
 * Messages of the services that load a crash kernel and save its dump: Debian's kdump-tools, kdump-utils, makedumpfile.
 */
export const KDUMP_CAUSES = {
  'kdump-no-region': {
    check: 'crash-region',
    severity: 'stops',
    meaning:
      'the kdump service finds no crash region: the command line has no crashkernel=, or the kernel refused it',
    cure:
      'search the log of the boot for the reason (dmesg | grep -i crashkernel); without one, add crashkernel= ' +
      '(kexec-file crash estimate computes the size), and reboot',
    parameter: 'crashkernel=SIZE',
    lines: ['no crashkernel= parameter in the kernel cmdline'],
    otherLines: { of: 'kdump-utils', lines: ['No memory reserved for crash kernel'] },
  },
  'kdump-unsupported': {
    check: 'running-call',
    severity: 'stops',
    meaning: 'the running kernel has no kexec for crash kernels',
    cure: 'run a kernel with CONFIG_KEXEC or CONFIG_KEXEC_FILE, and CONFIG_CRASH_DUMP',
    lines: ['kdump is not supported by this kernel'],
    otherLines: { of: 'kdump-utils', lines: ['Kdump is not supported on this kernel'] },
  },
  'kdump-off': {
    check: 'kdump-service',
    severity: 'stops',
    meaning: 'kdump-tools is switched off',
    cure: 'set USE_KDUMP=1 in /etc/default/kdump-tools, then: kdump-config load',
    lines: ['USE_KDUMP is not set or zero'],
  },
  'kdump-files': {
    check: 'kdump-service',
    severity: 'stops',
    meaning: 'the kernel or the initrd for the crash kernel is missing',
    cure:
      'kdump-tools: KDUMP_KERNEL and KDUMP_INITRD in /etc/default/kdump-tools, or kdump-config symlinks VERSION; kdump-utils: ' +
      'kdumpctl rebuild, with space in /boot',
    lines: ['KDUMP_KERNEL does not exist', 'KDUMP_INITRD does not exist'],
    otherLines: { of: 'kdump-utils', lines: ['mkdumprd: failed to make kdump initrd'] },
  },
  'kdump-not-loaded': {
    check: 'kdump-service',
    severity: 'stops',
    meaning: 'the kdump service could not load its crash kernel, so a crash leaves no dump',
    lines: [
      'failed to load kdump kernel',
      'kdump kernel relocation address does not match crashkernel parameter',
    ],
    otherLines: {
      of: 'kdump-utils, systemd',
      lines: [
        'Starting kdump: [FAILED]',
        'kdump.service: Failed with result',
        'kdump-tools.service: Failed with result',
        'kexec-load.service: Failed with result',
        ['Failed to start ', 'Crash recovery kernel arming'],
        ['Failed to start ', 'Kernel crash dump capture service'],
      ],
    },
  },
  'kdump-not-saved': {
    check: 'kdump-service',
    severity: 'stops',
    meaning: 'the crash kernel did not save the dump, or not all of it',
    cure:
      'search the lines before it for the reason: no space, no network, no memory, or a makedumpfile that is too old for the ' +
      'kernel; kexec-file crash rehearse tries the whole way in QEMU',
    lines: ['failed to save vmcore in', 'makedumpfile --dump-dmesg failed', 'makedumpfile Failed'],
    otherLines: { of: 'kdump-utils', lines: ['saving vmcore failed'] },
  },
  'kdump-device': {
    check: 'kdump-service',
    severity: 'stops',
    meaning: 'the crash kernel does not find the device that the dump should go to, or that root= names',
    cure:
      'put the driver of the device into the kdump initrd (dracut --add-drivers; /etc/initramfs-tools/modules), and check the ' +
      'UUID in its configuration and on its command line',
    lines: [],
    otherLines: {
      of: 'initramfs-tools and dracut',
      lines: [
        'Gave up waiting for root file system device',
        'dracut-initqueue timeout',
        'dracut-initqueue: timeout',
      ],
    },
    isOfCrashKernel: true,
  },
  'kdump-space': {
    check: 'kdump-service',
    severity: 'warns',
    meaning: 'the target of the dump may be too small for it',
    cure: 'free space there, or leave more pages out (makedumpfile -d 31); a dump is at most as large as the memory',
    lines: [],
    otherLines: { of: 'kdump-utils', lines: ['There might not be enough space to save a vmcore'] },
  },
  'kdump-network': {
    check: 'kdump-service',
    severity: 'stops',
    meaning: 'the crash kernel cannot reach the share that the dump should go to',
    cure: 'check the address, the export and the drivers of the network card in the kdump initrd; keep a local target as well',
    lines: ['Unable to mount remote NFS directory', 'Unable to write to the remote NFS directory'],
  },
  'kdump-copied': {
    check: 'kdump-service',
    severity: 'warns',
    meaning: 'makedumpfile failed, so the dump is copied whole, as large as the memory',
    cure: 'update makedumpfile to the release of the kernel, or save with kexec-file vmcore save',
    lines: ["makedumpfile failed, falling back to 'cp'"],
  },
  'dump-tool-addresses': {
    check: 'dump-tool',
    severity: 'stops',
    lines: [['PAGE SIZE ', 'VA Bits']],
  },
  'dump-tool-old': {
    check: 'dump-tool',
    severity: 'warns',
    meaning: 'makedumpfile is older than the kernel, and may not read all of the dump',
    cure: 'update makedumpfile to the release of the kernel, or save with kexec-file vmcore save',
    lines: ['The kernel version is not supported'],
  },
  'dump-tool-symbols': {
    check: 'dump-tool',
    severity: 'stops',
    meaning: 'makedumpfile does not find in the dump how the kernel manages its memory, and saves nothing',
    cure:
      'let kexec-file take the place of makedumpfile (Debian: install kexec-file-makedumpfile), which knows newer kernels; ' +
      'kexec-file vmcore info says what a dump lacks',
    lines: [
      "Can't get the address of mem_section",
      "Can't get the address of mem_map",
      "Can't get the address of system_utsname",
      "Can't get the symbol of system_utsname",
      "Can't get the symbol of swapper_pg_dir",
      "Can't distinguish the memory type",
      "Can't get necessary symbols for excluding free pages",
      "Can't get necessary structures for excluding free pages",
      "Can't get necessary structures for extracting dmesg log",
    ],
  },
  'dump-tool-space': {
    check: 'kdump-target',
    severity: 'stops',
    meaning: 'the disk was full before makedumpfile had written the dump',
    cure:
      'make room, save to a larger disk (KDUMP_COREDIR of kdump-tools, path in kdump.conf), or leave out more pages ' +
      '(makedumpfile -d 31); kexec-file doctor says how large a dump may become',
    lines: ['This is an incomplete dumpfile, but might analyzable'],
    otherLines: {
      of: 'makedumpfile, with the words of the C library',
      lines: [["Can't write the ", 'No space left on device']],
    },
  },
  'dump-tool-memory': {
    check: 'crash-region',
    severity: 'stops',
    meaning: 'makedumpfile finds too little memory in the crash kernel',
    cure:
      'reserve a larger crash region (kexec-file crash estimate computes its size), or give makedumpfile a smaller buffer ' +
      '(--cyclic-buffer 1024) and no more threads',
    parameter: 'crashkernel=SIZE',
    lines: [
      ["Can't allocate memory for ", 'bitmap'],
      ["Can't allocate memory for ", 'page_data_buf'],
    ],
  },
  'dump-tool-level': {
    check: 'kdump-service',
    severity: 'stops',
    meaning: 'makedumpfile refuses its dump level, and saves nothing',
    cure: 'give -d a number from 0 to 31: MAKEDUMP_ARGS in /etc/default/kdump-tools, core_collector in /etc/kdump.conf',
    lines: [['Dump_level(', ' is invalid']],
  },
} as const satisfies CauseTable;
