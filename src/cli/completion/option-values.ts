/** The values that options and operands take. A value that is not named here is a file if its placeholder says so. */
import type { Argument, Command, Option } from 'commander';
import { CHECKS } from '../../base/checks.js';
import { ERRNO, ERRNO_TEXT, type Errno } from '../../base/errno.js';
import { PRESETS } from '../../machine/presets/presets.js';
import { nameOf } from '../help/command-path.js';
import {
  describeFile,
  describeText,
  describeWords,
  type ValueCompletion,
  type Word,
} from './value-completion.js';

const KERNEL = describeFile('kernel', [
  'vmlinu*',
  '*Image*',
  'linux*',
  'kernel*',
  '*.efi',
  '*.itb',
  '*.fit',
  '*.signed',
]);
const INITRD = describeFile('initrd', ['initr*', '*.img', '*.cpio', '*.cpio.*']);
const CERTIFICATE = describeFile('certificate', [
  '*.pem',
  '*.der',
  '*.crt',
  '*.cer',
  '*.p7b',
  '*.p12',
  '*.pfx',
]);
const MACHINE: ValueCompletion = {
  ...describeFile('machine', ['*.json']),
  words: Object.keys(PRESETS).map((word) => ({ word, text: 'a preset' })),
};
const DUMP = describeFile('vmcore', ['*vmcore*', '*.dump', '*.elf']);
const SIGNATURE = describeFile('signature', ['*.pk7', '*.p7s', '*.sig']);
const VMLINUX = describeFile('vmlinux', ['vmlinu*', '*.debug']);
const COMMAND_NAME = describeText('command');

/** The keyrings that a path may be put into: `KeyringName`. */
const KEYRING: ValueCompletion = {
  ...describeFile('keyring'),
  prefixes: ['builtin:', 'secondary:', 'machine:', 'platform:', 'ima:'],
};

const ERRNOS: readonly Word[] = (Object.keys(ERRNO) as Errno[]).map((word) => ({
  word,
  text: ERRNO_TEXT[word],
}));
const CHECK_NAMES: readonly Word[] = Object.entries(CHECKS).map(([word, { rule }]) => ({ word, text: rule }));

/** By the long name of the option; after the command's name where it differs there. */
const OPTION_VALUES: Readonly<Record<string, ValueCompletion>> = {
  '--initrd': INITRD,
  '--kernel': KERNEL,
  '--capture-kernel': KERNEL,
  '--machine': MACHINE,
  '--cert': CERTIFICATE,
  '--add-cert': CERTIFICATE,
  '--key': describeFile('key', ['*.pem', '*.key', '*.der', '*.p8', '*.p12', '*.pfx']),
  '--keyring': KEYRING,
  '--signature': SIGNATURE,
  '--dtb': describeFile('device tree', ['*.dtb']),
  '--svg': describeFile('picture', ['*.svg']),
  '--html': describeFile('page', ['*.html']),
  '--elf': describeFile('ELF file', ['*.elf']),
  '--against': describeFile('kernel or report', [...asPatterns(KERNEL), '*.json']),
  '--errno': describeWords('errno', ERRNOS),
  '--gdb': { ...describeText('program'), paths: 'programs' },
  '--serial': describeWords('port', ['none']),
};

/** By the command and the name of the operand, or by that name alone. */
const OPERAND_VALUES: Readonly<Record<string, ValueCompletion>> = {
  kernel: KERNEL,
  machine: MACHINE,
  vmcore: DUMP,
  vmlinux: VMLINUX,
  signature: SIGNATURE,
  command: COMMAND_NAME,
  'kexec-file explain kernel': { ...KERNEL, words: [...CHECK_NAMES, ...ERRNOS] },
  'kexec-file verify file': KERNEL,
  'kexec-file sign file': KERNEL,
  'kexec-file signature list file': KERNEL,
  'kexec-file signature detach file': KERNEL,
  'kexec-file signature attach file': KERNEL,
  'kexec-file signature remove file': KERNEL,
  'kexec-file crash lint file': DUMP,
};

function asPatterns({ paths }: ValueCompletion): readonly string[] {
  return typeof paths === 'string' ? [] : paths;
}

/** The value of an option. @returns undefined if it takes none */
export function describeOptionValue(option: Option): ValueCompletion | undefined {
  const placeholder = /[<[](.+)[>\]]/.exec(option.flags)?.[1];
  if (placeholder === undefined) return undefined;
  const name = option.long?.slice(2) ?? placeholder;
  if (option.argChoices !== undefined) return describeWords(name, option.argChoices);
  return OPTION_VALUES[option.long ?? ''] ?? describePlaceholder(placeholder);
}

/** The operand of a command. */
export function describeOperandValue(command: Command, argument: Argument): ValueCompletion {
  const name = argument.name();
  if (argument.argChoices !== undefined) return describeWords(name, argument.argChoices);
  return OPERAND_VALUES[`${nameOf(command)} ${name}`] ?? OPERAND_VALUES[name] ?? describePlaceholder(name);
}

function describePlaceholder(placeholder: string): ValueCompletion {
  if (/folder|directory/.test(placeholder)) return { ...describeText('folder'), paths: 'folders' };
  return /file|path/.test(placeholder) ? describeFile('file') : describeText(placeholder);
}
