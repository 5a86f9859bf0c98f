import { BUSYBOX_INIT_START, buildBusyboxRoot, buildTextFile } from '../../crash/capture/busybox-root.js';
import { buildCpio, type CpioSource } from '../../formats/cpio.js';
import { buildCollectorScript } from '../collect/collector-script.js';

/** The start of each line that a guest's script prints on the console; a word and its values follow. */
export const GUEST_MARK = 'kexec-file guest:';

/** What every script of a guest begins with: it reports by the console, because every kernel has one. */
const SCRIPT_START = `${BUSYBOX_INIT_START}
mount -t securityfs securityfs /sys/kernel/security 2>/dev/null
mount -t efivarfs efivarfs /sys/firmware/efi/efivars 2>/dev/null

# Neither the kernel's messages nor the echo of the input may mix with the output.
echo 1 >/proc/sys/kernel/printk
stty -echo

report() {
  echo "${GUEST_MARK} $*"
}

report up "$(uname -r)"
`;

/** Lines of a script that report what the collector collects. */
export const REPORT_FACTS = `report facts
sh /collect.sh | gzip | base64
report end
`;

/** What a guest runs. */
interface GuestFiles {
  readonly busybox: Uint8Array;
  /** Lines for busybox's shell, as root; `report` prints a line with {@link GUEST_MARK}. */
  readonly script: string;
  /** Files beside busybox and the collector. */
  readonly files?: readonly CpioSource[];
}

/** Builds the initramfs of a guest that reports on its console. */
export function buildGuestArchive({ busybox, script, files = [] }: GuestFiles): Uint8Array {
  return buildCpio([
    ...buildBusyboxRoot({ busybox, init: `${SCRIPT_START}${script}` }),
    buildTextFile('collect.sh', buildCollectorScript()),
    ...files,
  ]);
}
