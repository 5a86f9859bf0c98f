import { refuse } from '../base/error.js';

/** A parameter of a kernel's command line. */
export interface KernelParameter {
  /** The text before the `=`, without the quotes around a quoted parameter. */
  readonly name: string;
  /** The text behind the `=`, without the quotes around it; undefined without `=`. */
  readonly value: string | undefined;
  /** The whole parameter as it was written, quotes included. */
  readonly text: string;
  /** Whether a quote in it is not closed. Then it is the last parameter, and appended text would become part of it. */
  readonly isOpen: boolean;
}

/** After it come arguments for init, not for the kernel: kernel function `parse_args()`. */
const END_OF_PARAMETERS = '--';

/** The kernel's `isspace()`, less the byte a0, which is half a character in UTF-8. */
const WHITE_SPACE = ' \t\n\v\f\r';

/**
 * Parses a command line as the kernel does (`next_arg()` of lib/cmdline.c): white space outside of double quotes
 * separates parameters. A quote may open anywhere in a parameter, nothing escapes it, and an unclosed quote lasts to
 * the end of the line. A name ends at the first `=`, unless that is its first character.
 */
export function parseCommandLine(line: string): KernelParameter[] {
  const parameters: KernelParameter[] = [];
  let start = 0;
  let isOpen = false;
  for (let at = 0; at <= line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '"') isOpen = !isOpen;
    const isEnd = at === line.length || (!isOpen && WHITE_SPACE.includes(character));
    if (!isEnd) continue;
    const text = line.slice(start, at);
    if (text !== '') parameters.push({ ...splitAtEquals(text), text, isOpen });
    start = at + 1;
  }
  return parameters;
}

/** Parses the parameters of a command line that are the kernel's, not init's: those before a `--`. */
export function parseKernelParameters(line: string): readonly KernelParameter[] {
  return splitAtEnd(parseCommandLine(line))[0];
}

/**
 * Finds what the kernel reads for a parameter, however often it stands in a command line.
 *
 * @param name - a dash and an underscore in it are the same to the kernel
 * @returns the values in their order; an empty one for a parameter without `=`
 */
export function findParameterValues(line: string, name: string): string[] {
  const wanted = toUnderscores(name);
  return parseKernelParameters(line)
    .filter((parameter) => toUnderscores(parameter.name) === wanted)
    .map(({ value = '' }) => value);
}

/**
 * Builds the next kernel's command line from the running kernel's, as `kexec --reuse-cmdline` does: without BOOT_IMAGE,
 * which names the running kernel's file, and for a crash kernel without `crashkernel=`, which would reserve some of the
 * little memory that it has. Every `crashkernel=` is dropped (`crashkernel=1G,high crashkernel=128M,low` are two), also
 * after a `--`, because the kernel reads it there, too (`get_last_crashkernel()`). The other parameters stay as they
 * are, separated by single spaces.
 *
 * @param running - the text of /proc/cmdline
 * @param options - `panic`: whether the next kernel is a crash kernel
 */
export function buildReusedCommandLine(running: string, { panic }: { readonly panic: boolean }): string {
  const dropped = panic ? ['BOOT_IMAGE', 'crashkernel'] : ['BOOT_IMAGE'];
  return formatParameters(parseCommandLine(running).filter(({ name }) => !dropped.includes(name)));
}

/** To the kernel, a dash in a name is an underscore: parameq(). */
export function toUnderscores(name: string): string {
  return name.replaceAll('-', '_');
}

/**
 * Joins a reused command line and appended parameters: the kernel's parameters of both, then the arguments for init of
 * both. So the appended parameters reach the kernel even if the running command line has a `--` in it.
 *
 * @throws KexecError `EINVAL`, check `command-line`, if the reused one ends within quotes: appended text would become
 *   part of its last parameter.
 */
export function joinCommandLine(reused: string, appended: string): string {
  const first = parseCommandLine(reused);
  const second = parseCommandLine(appended);
  const open = first.find(({ isOpen }) => isOpen);
  if (open !== undefined && second.length > 0) {
    refuse(
      'command-line',
      'EINVAL',
      `the reused command line ends within quotes (${open.text}): nothing can be appended to it`,
    );
  }
  const [kernels, inits] = splitAtEnd(first);
  const [moreKernels, moreInits] = splitAtEnd(second);
  const parameters = formatParameters([...kernels, ...moreKernels]);
  const forInit = formatParameters([...inits, ...moreInits]);
  return [parameters, ...(forInit === '' ? [] : [END_OF_PARAMETERS, forInit])]
    .filter((part) => part !== '')
    .join(' ');
}

/** The kernel's parameters, and init's arguments. */
function splitAtEnd(
  parameters: readonly KernelParameter[],
): [readonly KernelParameter[], readonly KernelParameter[]] {
  const end = parameters.findIndex(({ text, name }) => name === END_OF_PARAMETERS && !text.includes('='));
  return end < 0 ? [parameters, []] : [parameters.slice(0, end), parameters.slice(end + 1)];
}

/** Formats parameters as they were written, separated by single spaces. */
export function formatParameters(parameters: readonly KernelParameter[]): string {
  return parameters.map(({ text }) => text).join(' ');
}

function splitAtEquals(text: string): Pick<KernelParameter, 'name' | 'value'> {
  const isQuoted = text.startsWith('"');
  const inside = isQuoted ? text.slice(1) : text;
  const equals = inside.indexOf('=', 1);
  if (equals < 0) return { name: dropLastQuote(inside, isQuoted), value: undefined };
  const value = inside.slice(equals + 1);
  const isValueQuoted = value.startsWith('"');
  return {
    name: inside.slice(0, equals),
    value: dropLastQuote(isValueQuoted ? value.slice(1) : value, isQuoted || isValueQuoted),
  };
}

function dropLastQuote(text: string, isQuoted: boolean): string {
  return isQuoted && text.endsWith('"') ? text.slice(0, -1) : text;
}
