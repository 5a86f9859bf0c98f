import { buildProgram } from '../../../crash/capture/busybox-root.js';
import { buildGuestArchive, REPORT_FACTS } from '../guest-archive.js';

/**
 * The script that plays the part of the machine: it reports facts, waits for the plan that is computed from them,
 * loads, and crashes.
 */
const SCRIPT = `
report reserved "$(cat /sys/kernel/kexec_crash_size 2>/dev/null || echo 0)"
${REPORT_FACTS}
# Asks for each line: the console has no larger buffer.
report next
while read -r line && [ "$line" != end ]; do
  echo "$line" >>/plan.base64
  report next
done
{ base64 -d /plan.base64 | gunzip && cat /kernel /initrd; } >/kimage
/loader /kimage
report loaded $?
rm /kimage

report panic
# A crash does not wait for the console, which may still be printing.
sleep 1
echo 7 >/proc/sys/kernel/printk
echo c >/proc/sysrq-trigger
sleep 60
poweroff -f
`;

/** What the guest that crashes has beside the script. */
interface RehearsalFiles {
  readonly busybox: Uint8Array;
  /** The program that makes the system call. */
  readonly loader: Uint8Array;
  /** The capture kernel's file. */
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
}

/** Builds the initramfs of the guest that crashes. */
export function buildRehearsalArchive({ busybox, loader, kernel, initrd }: RehearsalFiles): Uint8Array {
  const files = [
    buildProgram('loader', loader),
    { name: 'kernel', type: 'file', bytes: kernel },
    { name: 'initrd', type: 'file', bytes: initrd },
  ] as const;
  return buildGuestArchive({ busybox, script: SCRIPT, files });
}
