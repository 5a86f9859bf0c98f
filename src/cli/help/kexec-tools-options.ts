/** What has the effect of an option of kexec-tools, for users who try it here. */
const EQUIVALENTS: Readonly<Record<string, string>> = {
  '-l': 'kexec-file load KERNEL',
  '--load': 'kexec-file load KERNEL',
  '-p': 'kexec-file load KERNEL --panic',
  '--load-panic': 'kexec-file load KERNEL --panic',
  '-u': 'kexec-file unload',
  '--unload': 'kexec-file unload',
  '-e': 'kexec-file exec',
  '--exec': 'kexec-file exec',
  '-f': 'kexec-file load KERNEL && kexec-file exec --no-systemd',
  '--force': 'kexec-file load KERNEL && kexec-file exec --no-systemd',
  '-S': 'kexec-file status',
  '--status': 'kexec-file status',
  '--print-ckr-size': 'kexec-file status',
  '-s': 'kexec-file load KERNEL --syscall file',
  '--kexec-file-syscall': 'kexec-file load KERNEL --syscall file',
  '-c': 'kexec-file load KERNEL --syscall segments',
  '--kexec-syscall': 'kexec-file load KERNEL --syscall segments',
  '-a': 'kexec-file load KERNEL --syscall auto',
  '--kexec-syscall-auto': 'kexec-file load KERNEL --syscall auto',
  '-i': 'kexec-file load KERNEL --no-checks',
  '-d': 'kexec-file load KERNEL --debug',
  '--ramdisk': 'kexec-file load KERNEL --initrd FILE',
  '--reuseinitrd': 'kexec-file load KERNEL --initrd FILE',
};

/**
 * Finds the command with the effect of an option of kexec-tools.
 *
 * @param flag - `-l`, or several letters in one word, of which the first counts
 */
export function findEquivalent(flag: string): string | undefined {
  return EQUIVALENTS[/^-[a-zA-Z]{2,}$/.test(flag) ? flag.slice(0, 2) : flag];
}
