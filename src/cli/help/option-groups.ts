/** Headings for the options of the commands, in the order of help. */

/** The name of an option, its heading. An option that is in no group stands under the first heading. */
export const OPTION_GROUPS: Readonly<Record<string, readonly string[]>> = {
  Options: [],
  'Signatures and trust': ['--cert', '--keyring', '--dbx', '--policy', '--ima-xattr', '--appended'],
  Placement: ['--mem-min', '--mem-max', '--entry', '--rules', '--randomize'],
  Purgatory: ['--no-checks', '--serial', '--on-mismatch'],
  'Machine of QEMU': ['--board', '--memory', '--smp', '--cpu', '--el', '--timeout', '--tamper'],
  'Keys elsewhere': ['--digest-only', '--signature', '--signer-command'],
  Output: [
    '--output',
    '--json',
    '--format',
    '--svg',
    '--html',
    '--elf',
    '--trail',
    '--console',
    '--vmcore',
    '--force',
  ],
};

const DEFAULT_GROUP = 'Options';

/** So few options need no headings. */
const MAX_UNGROUPED = 7;

/**
 * Groups options by heading, if they are many. A heading without options is left out.
 *
 * @param nameOption - returns the long name, or the short one
 */
export function groupOptions<Option>(
  options: readonly Option[],
  nameOption: (option: Option) => string,
): { readonly heading: string; readonly options: readonly Option[] }[] {
  if (options.length <= MAX_UNGROUPED) return [{ heading: DEFAULT_GROUP, options }];
  const findHeading = (option: Option): string => {
    const name = nameOption(option);
    return (
      Object.keys(OPTION_GROUPS).find((heading) => OPTION_GROUPS[heading]?.includes(name)) ?? DEFAULT_GROUP
    );
  };
  return Object.keys(OPTION_GROUPS)
    .map((heading) => ({ heading, options: options.filter((option) => findHeading(option) === heading) }))
    .filter((group) => group.options.length > 0);
}
