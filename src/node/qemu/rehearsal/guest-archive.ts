import {
  BUSYBOX_INIT_START,
  buildBusyboxRoot,
  buildProgram,
  buildTextFile,
} from '../../../crash/capture/busybox-root.js';
import { buildCpio } from '../../../formats/cpio.js';
import { buildCollectorScript } from '../../collect/collector-script.js';
import { decodeLoaderProgram } from './loader-program.js';

/** The start of each line that the guest's script prints on the console; a word and its values follow. */
export const REHEARSAL_MARK = 'kexec-file rehearsal:';

/**
 * The script that plays the part of the machine: it reports facts, waits for the plan that is computed from them,
 * loads, and crashes. It communicates through the console, because every kernel has one.
 */
const SCRIPT = `${BUSYBOX_INIT_START}
# Neither the kernel's messages nor the echo of the input may mix with the output.
echo 1 >/proc/sys/kernel/printk
stty -echo

report() {
  echo "${REHEARSAL_MARK} $*"
}

report up "$(uname -r)"
report reserved "$(cat /sys/kernel/kexec_crash_size 2>/dev/null || echo 0)"
report facts
sh /collect.sh | gzip | base64
report end

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

/** The files in the initramfs of the guest that crashes. */
interface GuestFiles {
  readonly busybox: Uint8Array;
  /** The capture kernel's Image. */
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
}

/** Builds the initramfs of the guest that crashes. */
export function buildGuestArchive({ busybox, kernel, initrd }: GuestFiles): Uint8Array {
  return buildCpio([
    ...buildBusyboxRoot({ busybox, init: SCRIPT }),
    buildProgram('loader', decodeLoaderProgram()),
    buildTextFile('collect.sh', buildCollectorScript()),
    { name: 'kernel', type: 'file', bytes: kernel },
    { name: 'initrd', type: 'file', bytes: initrd },
  ]);
}
