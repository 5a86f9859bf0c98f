/** What the guests have in common in which a link named kexec leads to this program. */
import { createHash } from 'node:crypto';

/** What the initrd of the second kernel contains, whose digest proves that it arrived. */
export const PAYLOAD_TEXT = Buffer.from('what the second kernel is to find');
export const PAYLOAD_DIGEST = createHash('sha256').update(PAYLOAD_TEXT).digest('hex');

/** Replaces kexec-tools by this package, as an administrator does. */
export const LINK = 'ln -sf "$(command -v kexec-file)" /sbin/kexec';

/** Runs a command line, and prints its exit code in a line that begins with `==`. */
export const TRY = 'try() { "$@"; echo "== $? $*"; }';

/** The lines that {@link TRY} printed. */
export function readCodes(output: string): string[] {
  return [...output.matchAll(/^== (.*)$/gm)].map(([, line]) => line ?? '');
}

/** Makes of /boot/vmlinuz and /boot/initrd what kdump-tools finds once it is installed. */
export const PREPARE_KDUMP_TOOLS = `
  release=$(uname -r)
  mv /boot/vmlinuz "/boot/vmlinuz-$release"
  mkdir -p /etc/default /var/lib/kdump /var/crash
  cp /usr/share/kdump-tools/kdump-tools.conf /etc/default/kdump-tools
  cp /etc/kdump/sysctl.conf "/var/lib/kdump/latest_sysctls-$release"
  mv /boot/initrd "/var/lib/kdump/initrd.img-$release"`;

/**
 * Runs the command lines of kexec with both programs, Debian's first, and prints the exit codes and the size of the crash region.
 * At the end, each program unloads the crash kernel that the other loaded.
 */
export function compareWithKexecTools(lines: readonly string[]): string {
  return `
    mkdir -p /usr/local/sbin; ln -s "$(command -v kexec-file)" /usr/local/sbin/kexec
    run() { "$program" "$@" > /tmp/output 2> /tmp/errors; echo "$? $*"; }
    for program in /sbin/kexec /usr/local/sbin/kexec; do
      echo "== $program"
      ${lines.map((line) => `run ${line}`).join('\n')}
      $program --print-ckr-size
      # What one loaded, the other unloads.
      [ $program = /sbin/kexec ] && /usr/local/sbin/kexec -p -u || /sbin/kexec -p -u
      run -S
    done`;
}
