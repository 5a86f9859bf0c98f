import { refuse } from '../base/error.js';

/** A parameter of a kernel's command line. */
export interface KernelParameter {
  /** What stands before the `=`, without the quotes around a quoted parameter. */
  readonly name: string;
  /** The whole parameter as it was written, quotes included. */
  readonly text: string;
  /** Whether a quote in it is not closed: then it is the last, and would swallow what is appended. */
  readonly isOpen: boolean;
}

/** What stands behind it are arguments of init and no longer the kernel's: kernel function `parse_args()`. */
const END_OF_PARAMETERS = '--';

/** The kernel's `isspace()`, less the byte a0, which is half a character in UTF-8. */
const WHITE_SPACE = ' \t\n\v\f\r';

/**
 * Takes a command line apart as the kernel does (`next_arg()` of lib/cmdline.c): parameters are parted by white space
 * that is not within double quotes. A quote may open anywhere in a parameter, nothing escapes it, and one that is not
 * closed lasts to the end of the line. A name ends at the first `=`, unless that is its first character.
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
    if (text !== '') parameters.push({ name: readName(text), text, isOpen });
    start = at + 1;
  }
  return parameters;
}

/**
 * The running kernel's command line as the next kernel may have it, as `kexec --reuse-cmdline` makes it: without
 * BOOT_IMAGE, which tells of the running kernel's file, and for a crash kernel without `crashkernel=`, which would have
 * it set memory aside out of the little it is given. Every one is left out (`crashkernel=1G,high crashkernel=128M,low`
 * are two), wherever it stands: the kernel reads `crashkernel=` behind a `--`, too (`get_last_crashkernel()`). What is
 * kept is kept as it was written, parted by single spaces.
 *
 * @param running - what /proc/cmdline says
 * @param options - `panic`: whether the next kernel is a crash kernel
 */
export function buildReusedCommandLine(running: string, { panic }: { readonly panic: boolean }): string {
  const dropped = panic ? ['BOOT_IMAGE', 'crashkernel'] : ['BOOT_IMAGE'];
  return formatParameters(parseCommandLine(running).filter(({ name }) => !dropped.includes(name)));
}

/**
 * What of a running kernel's command line a capture kernel does not get, beside what {@link buildReusedCommandLine} leaves
 * out, and why.
 */
export const DROPPED_FOR_CAPTURE: Readonly<Record<string, string>> = {
  'mem maxcpus nr_cpus possible_cpus': 'memory and CPUs are those that are left to it',
  'isolcpus nohz_full rcu_nocbs irqaffinity': 'they name CPUs that it does not start',
  'hugepages hugepagesz default_hugepagesz hugetlb_cma cma':
    'they set memory aside out of the little there is',
  'log_buf_len swiotlb slub_debug slab_debug page_owner kasan kfence.num_objects': 'they take memory, too',
  'rdinit panic quiet': 'its own count: which init runs, that it starts the machine anew, that it is heard',
};

/** What a capture kernel's command line has besides, and why. */
export const ADDED_FOR_CAPTURE: Readonly<Record<string, string>> = {
  'nr_cpus=1': 'one CPU needs the least memory, and the others may hang',
  reset_devices: 'drivers reset what the crash left running',
  irqpoll: 'interrupts that nobody waits for any more do not stop it',
  'cgroup_disable=memory': 'saves memory',
  'panic=10': 'if it crashes, too, the machine starts anew',
};

/**
 * The command line of a capture kernel, made of the running kernel's: without what is the running kernel's alone
 * ({@link DROPPED_FOR_CAPTURE}), with what a capture kernel needs ({@link ADDED_FOR_CAPTURE}).
 */
export function buildCaptureCommandLine(running: string): string {
  const dropped = Object.keys(DROPPED_FOR_CAPTURE).flatMap((names) => names.split(' '));
  const kept = parseCommandLine(buildReusedCommandLine(running, { panic: true })).filter(
    // To the kernel, a dash is an underscore: parameq().
    ({ name }) => !dropped.includes(name.replaceAll('-', '_')),
  );
  return joinCommandLine(formatParameters(kept), Object.keys(ADDED_FOR_CAPTURE).join(' '));
}

/**
 * A reused command line and what is appended to it, as one: the kernel's parameters of both, then the arguments for
 * init of both. So what is appended reaches the kernel where the running command line has a `--` in it, too.
 *
 * @throws KexecError `EINVAL`, check `command-line`, if the reused one ends within quotes, which would swallow the rest.
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

function formatParameters(parameters: readonly KernelParameter[]): string {
  return parameters.map(({ text }) => text).join(' ');
}

function readName(text: string): string {
  const isQuoted = text.startsWith('"');
  const inside = isQuoted ? text.slice(1) : text;
  const equals = inside.indexOf('=', 1);
  if (equals >= 0) return inside.slice(0, equals);
  return isQuoted && inside.endsWith('"') ? inside.slice(0, -1) : inside;
}
