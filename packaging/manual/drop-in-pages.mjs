/** Pages of section 8 about the programs of others whose options kexec-file takes when it is called by their name. */
import { OPTIONS_OF as KEXEC_TOOLS, listOptions } from '../../dist/cli/drop-ins/kexec-tools/kexec-options.js';
import {
  OPTIONS_OF as MAKEDUMPFILE,
  OPTIONS,
} from '../../dist/cli/drop-ins/makedumpfile/makedumpfile-options.js';
import { formatSentence } from '../../dist/cli/help/command-help.js';
import { formatFiles } from './files.mjs';
import {
  escapeRoff,
  formatBlock,
  formatBold,
  formatHeading,
  formatItalic,
  formatItem,
  formatName,
  formatParagraph,
  formatProse,
  formatSeeAlso,
  formatSubheading,
} from './roff.mjs';

/** The page of the program under the name of kexec. */
export function buildKexecPage() {
  const isOwn = ({ isUnabbreviated }) => isUnabbreviated === true;
  const isRefused = ({ id }) => id === 'refused';
  const works = (option) => !isOwn(option) && !isRefused(option);
  const [arm64, x86] = ['arm64', 'x86_64'].map(listOptions);
  const key = ({ names, help }) => `${names} ${help}`;
  const without = (options, others) =>
    options.filter((option) => !others.some((it) => key(it) === key(option)));
  const [onArm64, onX86] = [without(arm64, x86), without(x86, arm64)];
  const everywhere = without(arm64, onArm64);
  return [
    formatName('kexec-file-kexec', 'kexec with the options of kexec-tools'),
    formatHeading('synopsis'),
    `${formatBold('kexec')} [${formatItalic('options')}] [${formatItalic('kernel')}]`,
    formatHeading('description'),
    formatProse(
      `Called by the name kexec, kexec-file takes the options of ${KEXEC_TOOLS} for the architecture of the machine, and returns its exit codes. Without one of the actions --load, --load-panic, --unload, --exec, --force and --status, it loads the kernel, and calls shutdown -r now to start it.`,
    ),
    formatParagraph(
      formatProse(
        'Long options may be abbreviated, options may follow the kernel, and two dashes end them. Of options that exclude each other, the last one counts. What the kernel refuses stays refused: kexec_load(2) is used only if the kernel has no kexec_file_load(2).',
      ),
    ),
    formatHeading('options'),
    ...everywhere.filter(works).map(formatOption),
    formatSubheading('On arm64'),
    ...onArm64.filter(works).map(formatOption),
    formatSubheading('On x86_64'),
    ...onX86.filter(works).map(formatOption),
    formatSubheading('Signatures'),
    ...everywhere.filter(isOwn).map(formatOption),
    formatSubheading('Refused'),
    ...everywhere.filter(isRefused).map(formatOption),
    formatSubheading('Refused on arm64'),
    ...onArm64.filter(isRefused).map(formatOption),
    formatSubheading('Refused on x86_64'),
    ...onX86.filter(isRefused).map(formatOption),
    formatHeading('examples'),
    formatBlock([
      'kexec -l /boot/vmlinuz --initrd=/boot/initrd.img --reuse-cmdline',
      'kexec -e',
      'kexec -p /boot/vmlinuz --initrd=/boot/kdump.img --reuse-cmdline',
    ]),
    formatHeading('exit status'),
    formatItem('0', formatProse('The command did what was asked.')),
    formatItem('1', formatProse('Wrong usage, a refused option, no crash region, or nothing is loaded.')),
    formatItem('255', formatProse('It failed.')),
    ...formatFiles(['kexec-file', 'load']),
    formatSeeAlso([
      'kexec-file-load(8)',
      'kexec-file-exec(8)',
      'kexec-file(8)',
      'kexec-file(7)',
      'kexec_load(2)',
    ]),
  ];
}

/** The page of the program under the name of makedumpfile. */
export function buildMakedumpfilePage() {
  const list = (isListed) => OPTIONS.filter(({ id }) => isListed(id)).map(formatOption);
  const usages = [
    '[options] vmcore dumpfile',
    '-F [options] vmcore',
    '-R [-f] dumpfile',
    '--split [options] vmcore dumpfile1 dumpfile2 ...',
    '--reassemble [-f] dumpfile1 dumpfile2 ... dumpfile',
    '--dump-dmesg [options] vmcore logfile',
    '--mem-usage /proc/kcore',
  ];
  return [
    formatName('kexec-file-makedumpfile', 'makedumpfile, with its options and exit codes'),
    formatHeading('synopsis'),
    usages.map((usage) => `${formatBold('makedumpfile')} ${escapeRoff(usage)}`).join('\n.br\n'),
    formatHeading('description'),
    formatProse(
      `Called by the name makedumpfile, kexec-file takes the options of ${MAKEDUMPFILE} and returns its exit codes. It copies the dump of an arm64 kernel without unneeded pages, with any size of virtual addresses. A dump has the name dumpfile.incomplete until it is complete.`,
    ),
    formatHeading('options'),
    ...list((id) => id !== 'idle' && id !== 'refused'),
    formatSubheading('Accepted, without effect'),
    ...list((id) => id === 'idle'),
    formatSubheading('Refused'),
    ...list((id) => id === 'refused'),
    formatHeading('examples'),
    formatBlock([
      'makedumpfile -c -d 31 /proc/vmcore dump',
      "makedumpfile -F -c -d 31 /proc/vmcore | ssh host 'makedumpfile -R dump'",
      'makedumpfile --dump-dmesg /proc/vmcore dmesg.txt',
    ]),
    formatHeading('exit status'),
    formatItem('0', formatProse('The command did what was asked.')),
    formatItem(
      '1',
      formatProse('Wrong usage, a refused option, or a dump that is not complete or not saved.'),
    ),
    formatItem('2', formatProse('The vmlinux is not that of the kernel that crashed.')),
    ...formatFiles(['kexec-file', 'vmcore']),
    formatSeeAlso([
      'kexec-file-vmcore-save(8)',
      'kexec-file-vmcore-dmesg(8)',
      'kexec-file(8)',
      'kexec-file(7)',
      'crash(8)',
      '/usr/share/doc/kexec-file/docs/makedumpfile.md',
    ]),
  ];
}

function formatOption({ names, letter, argument, help }) {
  const long = names.map(
    (name) => formatBold(`--${name}`) + (argument === undefined ? '' : `=${formatItalic(argument)}`),
  );
  return formatItem(
    [...(letter === undefined ? [] : [formatBold(`-${letter}`)]), ...long].join(', '),
    formatProse(formatSentence(help)),
  );
}
