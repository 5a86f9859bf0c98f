/** An option of a line, and its value. */
const LINE = /^\s*(\S+)\s+(\S.*)$/;

/**
 * Parses /etc/kdump.conf, kdump.conf(5) of kdump-utils: an option and its value on each line; `#` begins a comment.
 *
 * @returns the values by option; of an option that is given twice, which kdumpctl refuses, the first
 */
export function parseKdumpConf(text: string): Map<string, string> {
  const options = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, option, value] = LINE.exec(line.split('#', 1)[0] ?? '') ?? [];
    if (option !== undefined && value !== undefined && !options.has(option))
      options.set(option, value.trimEnd());
  }
  return options;
}
