import { buildCpio, type CpioSource } from '../../../formats/cpio.js';
import { buildCollectorScript } from '../../collect/collector-script.js';
import { decodeLoaderProgram } from './loader-program.js';

/** What each line of the guest's script on the console begins with; then a word, and what it is about. */
export const REHEARSAL_MARK = 'kexec-file rehearsal:';

/**
 * The script that takes the part of the machine: tells what it is, waits for the plan that is made of it, loads, and
 * crashes. It speaks through the console, which is all that every kernel has.
 */
const SCRIPT = `#!/bin/busybox sh
PATH=/bin
export PATH
/bin/busybox --install -s /bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t debugfs debugfs /sys/kernel/debug
# No message of the kernel's gets between what is said, and nothing that is heard is said.
echo 1 >/proc/sys/kernel/printk
stty -echo

tell() {
  echo "${REHEARSAL_MARK} $*"
}

tell up "$(uname -r)"
tell reserved "$(cat /sys/kernel/kexec_crash_size 2>/dev/null || echo 0)"
tell facts
sh /collect.sh | gzip | base64
tell end

# A line at a time, each asked for: there are no larger buffers on this way.
tell next
while read -r line && [ "$line" != end ]; do
  echo "$line" >>/plan.base64
  tell next
done
{ base64 -d /plan.base64 | gunzip && cat /kernel /initrd; } >/kimage
/loader /kimage
tell loaded $?
rm /kimage

tell panic
# What was said is on its way to the console, which a crash does not wait for.
sleep 1
echo 7 >/proc/sys/kernel/printk
echo c >/proc/sysrq-trigger
sleep 60
poweroff -f
`;

/** What the guest that is to crash has in its initramfs. */
export interface GuestFiles {
  readonly busybox: Uint8Array;
  /** The capture kernel's Image. */
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
}

/** The initramfs of the guest that is to crash. */
export function buildGuestArchive({ busybox, kernel, initrd }: GuestFiles): Uint8Array {
  const folders = ['bin', 'dev', 'proc', 'sys', 'tmp'];
  const program = (name: string, bytes: Uint8Array): CpioSource => ({
    name,
    type: 'file',
    permissions: 0o755,
    bytes,
  });
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  return buildCpio([
    ...folders.map((name): CpioSource => ({ name, type: 'directory' })),
    { name: 'dev/console', type: 'characterDevice', node: { major: 5, minor: 1 } },
    program('bin/busybox', busybox),
    { name: 'bin/sh', type: 'symlink', target: 'busybox' },
    program('init', text(SCRIPT)),
    program('loader', decodeLoaderProgram()),
    program('collect.sh', text(buildCollectorScript())),
    { name: 'kernel', type: 'file', bytes: kernel },
    { name: 'initrd', type: 'file', bytes: initrd },
  ]);
}
