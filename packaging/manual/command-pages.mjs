/** Pages of section 8: the program, and each command. */
import { COMMANDS } from '../../dist/cli/commands/commands.js';
import { describeCommand, describeUsage, formatSentence } from '../../dist/cli/help/command-help.js';
import { COLOR, DEBUG, HELP, VERSION } from '../../dist/cli/help/global-options.js';
import { EXIT_CODES } from '../../dist/cli/terminal/exit-codes.js';
import { readEpilogue, splitEpilogue } from '../../scripts/help-epilogue.mjs';
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

/** Every paragraph of a help text on a line of its own. */
const ONE_LINE = 1_000_000;

/** Pages that concern every command. */
const GENERAL = ['kexec-file(8)', 'kexec-file(7)', 'kexec-file.conf(5)'];

/** The page of a command by its words: `kexec-file-vmcore-info`. */
export const namePage = (words) => words.join('-');

/** The page of a command. @param words - `kexec-file`, `vmcore`, `info` */
export function buildCommandPage(command, words) {
  const { sections } = describeCommand(command, command.createHelp());
  const groups = sections.filter(({ heading }) => !['Arguments', 'Commands'].includes(heading));
  const find = (heading) => sections.find((section) => section.heading === heading)?.items ?? [];
  const epilogue = splitEpilogue(readEpilogue(command, ONE_LINE));
  const isExample = ({ text }) => /^Examples?:$/.test(text);
  const isExit = ({ text }) => text.startsWith('Exit code');
  const about = epilogue.filter((each) => !isExample(each) && !isExit(each) && !isDocumentation(each));
  const nested = command.commands.map((each) => namePage([...words, each.name()]));
  return [
    formatName(namePage(words), command.description()),
    formatHeading('synopsis'),
    formatUsage(command, words),
    formatHeading('description'),
    formatProse(formatSentence(command.description())),
    ...about.map(formatExplanation),
    ...formatItems('commands', find('Commands')),
    ...formatItems('arguments', find('Arguments'), formatItalic),
    ...formatOptions(groups),
    formatHeading('examples'),
    ...epilogue.filter(isExample).map(({ rows }) => formatBlock(rows.map((row) => row.slice(2)))),
    ...formatExitStatus(epilogue.filter(isExit)),
    ...formatFiles(words),
    formatSeeAlso([
      ...nested.map((name) => `${name}(8)`),
      ...(words.length > 2 ? [`${namePage(words.slice(0, -1))}(8)`] : listGroup(command.name())),
      ...GENERAL,
      ...epilogue.filter(isDocumentation).flatMap(({ text }) => listDocuments(text)),
    ]),
  ];
}

/** The page of the program. */
export function buildProgramPage() {
  const groups = [...new Set(Object.values(COMMANDS).map(({ group }) => group))];
  const globals = [HELP, VERSION, COLOR, DEBUG].map(({ flags, text }) => ({ term: flags, text }));
  return [
    formatName('kexec-file', 'plan, verify, load and explain kernels for kexec'),
    formatHeading('synopsis'),
    `${formatBold('kexec-file')} [${formatItalic('options')}] ${formatItalic('command')} ...`,
    formatHeading('description'),
    formatProse(
      'kexec-file decides about a load as kexec_file_load(2) of a kernel for arm64 or x86_64 does, explains it, and hands the kernel over. Each command has a page of its own; kexec-file(7) has the concepts, and what holds for every command.',
    ),
    formatHeading('commands'),
    ...groups.flatMap((group) => [
      formatSubheading(group),
      ...Object.entries(COMMANDS)
        .filter(([, entry]) => entry.group === group)
        .map(([name, { summary }]) =>
          formatItem(`${formatBold(`kexec-file-${name}`)}(8)`, formatProse(formatSentence(summary))),
        ),
    ]),
    ...formatItems('options', globals, formatFlags),
    formatHeading('examples'),
    formatBlock([
      'kexec-file doctor',
      "kexec-file plan vmlinuz --initrd initrd.img --command-line 'console=ttyAMA0'",
      'kexec-file explain segment-total',
    ]),
    ...formatExitStatus([]),
    ...formatFiles(['kexec-file']),
    formatSeeAlso([
      'kexec-file(7)',
      'kexec-file.conf(5)',
      'kexec-file-machine(5)',
      'kexec-file-kexec(8)',
      'kexec-file-makedumpfile(8)',
      'kexec_load(2)',
      'kexec_file_load(2)',
      'systemctl(1)',
    ]),
  ];
}

/** The usage of a command, with the options that it requires. */
function formatUsage(command, words) {
  const required = command.options
    .filter(({ mandatory }) => mandatory)
    .map(({ flags, short, long }) => formatFlags(flags.replace(/^-\w, /, '')) || short || long);
  const usage = describeUsage(command).replaceAll(/<([^>]+)>|\[([^\]]+)\]/g, (_, needed, optional) =>
    needed === undefined ? `[${formatOperand(optional)}]` : formatOperand(needed),
  );
  return [formatBold(words.join(' ')), ...required, usage].join(' ');
}

function formatOperand(name) {
  const [, word, dots = ''] = /^(.*?)(\.{3})?$/.exec(name);
  return `${formatItalic(word)}${dots === '' ? '' : ' ...'}`;
}

/** Flags with their placeholder: `-o, --output <file>`. */
function formatFlags(flags) {
  return flags
    .split(/(<.*>|\[.*\])$|(?:, )/)
    .filter((part) => part !== undefined && part.trim() !== '')
    .map((part) => part.trim())
    .reduce((text, part) => {
      if (part.startsWith('-')) return `${text}${text === '' ? '' : ', '}${formatFlag(part)}`;
      const name = formatItalic(part.slice(1, -1));
      return `${text} ${part.startsWith('[') ? `[${name}]` : name}`;
    }, '');
}

/** A flag, from which its placeholder was not split. */
function formatFlag(text) {
  const [flag, ...others] = text.split(' ');
  return [formatBold(flag), ...others.map(formatItalic)].join(' ');
}

function formatOptions(groups) {
  const [first, ...others] = groups;
  const extra = [COLOR, DEBUG].map(({ flags, text }) => ({ term: flags, text: text.replace(/^.*?: /, '') }));
  const known = groups.flatMap(({ items }) => items.map(({ term }) => term));
  const added = extra.filter(({ term }) => !known.includes(term));
  return [
    ...formatItems('options', [...(first?.items ?? []), ...added], formatFlags),
    ...others.flatMap(({ heading, items }) => [
      formatSubheading(heading),
      ...items.map((item) => formatHelpItem(item, formatFlags)),
    ]),
  ];
}

function formatItems(heading, items, formatTerm = formatBold) {
  if (items.length === 0) return [];
  return [formatHeading(heading), ...items.map((item) => formatHelpItem(item, formatTerm))];
}

function formatHelpItem({ term, text }, formatTerm) {
  return formatItem(formatTerm(term), formatProse(formatSentence(text)));
}

/** A paragraph, and the rows of a list, `term   meaning`, or lines of an example. */
function formatExplanation({ text, rows }) {
  const list = rows.map((row) => /^ +(\S+) {2,}(.+)$/.exec(row));
  const paragraph = text === '' ? [] : [formatParagraph(formatProse(text))];
  if (rows.length === 0 || list.includes(null)) {
    return [...paragraph, ...(rows.length === 0 ? [] : [formatBlock(rows.map((row) => row.slice(2)))])].join(
      '\n',
    );
  }
  return [
    ...paragraph,
    ...list.map(([, term, meaning]) => formatItem(formatBold(term), formatProse(meaning))),
  ].join('\n');
}

function formatExitStatus(paragraphs) {
  return [
    formatHeading('exit status'),
    ...paragraphs.map(({ text }) => formatProse(text)),
    ...EXIT_CODES.map(({ term, text }) => formatItem(escapeRoff(term), formatProse(formatSentence(text)))),
  ];
}

const isDocumentation = ({ text }) => text.startsWith('Documentation: ');

/** The documents of a help text, where the Debian package installs them. */
function listDocuments(text) {
  return [...text.matchAll(/docs\/[\w/-]+\.md/g)].map(([path]) => `/usr/share/doc/kexec-file/${path}`);
}

/** The other commands of a command's group. */
function listGroup(name) {
  const group = COMMANDS[name]?.group;
  return Object.keys(COMMANDS)
    .filter((other) => other !== name && COMMANDS[other].group === group)
    .map((other) => `kexec-file-${other}(8)`);
}
