/** kexec-file(7): the concepts, and what holds for every command. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../scripts/setup/files.mjs';
import { listFiles } from './files.mjs';
import { formatMarkdown } from './markdown.mjs';
import {
  formatHeading,
  formatItalic,
  formatItem,
  formatName,
  formatParagraph,
  formatProse,
  formatSeeAlso,
} from './roff.mjs';

const SERVICES = {
  'kexec-file-load.service': 'Loads the default kernel before kexec.target, for systemctl kexec.',
  'kexec-file-kdump.service': 'Loads the crash kernel at boot, and again when CPUs or memory come and go.',
  'kexec-file-came-back.service':
    'Verifies the start after a kexec by kexec-file-reboot --known-good, which enables it.',
};

const FILES_OF_SERVICES = [
  { path: '/etc/default/kexec-file', text: 'More options of the services, as environment variables.' },
];

export function buildOverviewPage() {
  return [
    formatName('kexec-file', 'kernels, machines, signatures and crashes as kexec-file sees them'),
    formatHeading('description'),
    formatProse(
      'A running kernel starts another one by kexec: user space loads the next kernel, its initrd, its device tree or boot parameters and a command line into memory, and a later reboot(2) enters it without firmware. kexec-file decides about such a load as kexec_file_load(2) of a kernel for arm64 or x86_64 decides, on this machine or for a recorded one.',
    ),
    formatParagraph(
      formatProse(
        'A request (kernel, initrd, command line, trust) and a machine (RAM, reservations, device tree, keys) give segments with their addresses, or a refusal with an errno and a check. Either way there is a trail of every check. kexec-file-plan(8) prints it, kexec-file-explain(8) explains it in words, kexec-file-load(8) loads exactly these segments, and kexec-file-boot(8) boots them in QEMU.',
      ),
    ),
    formatHeading('services'),
    ...Object.entries(SERVICES).map(([name, text]) => formatItem(formatItalic(name), formatProse(text))),
    ...formatMarkdown(readSections('docs/command-line.md')),
    formatHeading('glossary'),
    ...formatMarkdown(readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8')),
    formatHeading('files'),
    ...[...listFiles(['kexec-file']), ...FILES_OF_SERVICES].map(({ path, text }) =>
      formatItem(formatItalic(path), formatProse(text)),
    ),
    formatSeeAlso([
      'kexec-file(8)',
      'kexec-file-reboot(8)',
      'kexec-file.conf(5)',
      'kexec-file-machine(5)',
      'kexec_load(2)',
      'kexec_file_load(2)',
      'reboot(2)',
      'systemd.special(7)',
    ]),
  ];
}

/** A document from its first section on. */
function readSections(path) {
  const text = readFileSync(join(ROOT, path), 'utf8');
  return text.slice(text.indexOf('\n## '));
}
