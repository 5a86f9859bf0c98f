/** kexec-file-reboot(8): the options are those of its --help. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';
import {
  formatBlock,
  formatBold,
  formatHeading,
  formatItalic,
  formatItem,
  formatName,
  formatParagraph,
  formatProse,
  formatSeeAlso,
} from './roff.mjs';

const SCRIPT = join(ROOT, 'packaging/debian/kexec-file/usr/sbin/kexec-file-reboot');

/** An option of the help, and its text, which may go on in further lines. */
const OPTION = /^ {2}(--\S+)\s+(.*(?:\n {6,}.*)*)/gm;

export function buildRebootPage() {
  const help = execFileSync('sh', [SCRIPT, '--help'], { encoding: 'utf8' });
  return [
    formatName('kexec-file-reboot', 'reboot by kexec if the default kernel loads, else through the firmware'),
    formatHeading('synopsis'),
    `${formatBold('kexec-file-reboot')} [${formatItalic('options')}]`,
    formatHeading('description'),
    formatProse(
      'It loads the default kernel as "kexec-file load --default" does, with every check and the settings in [load] of /etc/kexec-file.conf, and starts it by "systemctl kexec", which stops services first. If the load is refused, or anything else fails before that, it reboots through the firmware by "systemctl reboot", and the boot loader starts its default entry. A kernel that is loaded already is replaced.',
    ),
    formatParagraph(
      formatProse(
        'It is for the --reboot-command of kured, for the administrator, and for timers. The way and the reason are printed and written to the journal, under the identifier kexec-file-reboot.',
      ),
    ),
    formatParagraph(
      formatProse(
        'With --known-good, the next boot by firmware starts the kernel that runs now, once: if the next kernel panics with panic= on its command line, or hangs with a watchdog running, the machine comes back by the known-good one. GRUB with a grubenv (grub-reboot), systemd-boot (bootctl) and the firmware itself (efibootmgr) can do that. When the next system has started and no unit has failed that had not failed before, kexec-file-came-back.service leaves the next boot to the boot loader again. Otherwise it stays set, and the journal says so.',
      ),
    ),
    formatHeading('options'),
    ...[...help.matchAll(OPTION)].map(([, option, text]) =>
      formatItem(formatBold(option), formatProse(`${capitalize(text)}.`)),
    ),
    formatHeading('examples'),
    formatBlock(['kexec-file-reboot --dry-run', 'kexec-file-reboot', 'journalctl -t kexec-file-reboot']),
    formatHeading('exit status'),
    formatItem('0', formatProse('The reboot has begun; or nothing is changed, with --dry-run.')),
    formatItem('1', formatProse('The machine does not reboot.')),
    formatItem('2', formatProse('Wrong usage.')),
    formatHeading('files'),
    formatItem(
      formatItalic('/etc/default/kexec-file'),
      formatProse('REBOOT_OPTIONS has more options; LOAD_OPTIONS has options of the load.'),
    ),
    formatItem(formatItalic('/etc/kexec-file.conf'), formatProse('How the default kernel is loaded.')),
    formatItem(
      formatItalic('/var/lib/kexec-file/known-good'),
      formatProse('Exists while the known-good kernel is set for the next boot by firmware.'),
    ),
    formatSeeAlso([
      'kexec-file-load(8)',
      'kexec-file.conf(5)',
      'kexec-file(8)',
      'systemctl(1)',
      'bootctl(1)',
    ]),
  ];
}

function capitalize(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
