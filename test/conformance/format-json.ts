/** The width of a line that the formatter of the repository fills. */
const WIDTH = 110;

/** Formats JSON as the formatter of the repository does: a list of numbers and words on one line, if there is room. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replaceAll(
    /^(.*)\[\n\s+([^[\]{}]*?)\n\s+\](,?)$/gm,
    (whole, start: string, items: string, end: string) => {
      const line = `${start}[${items.split(/,\n\s+/).join(', ')}]${end}`;
      return line.length <= WIDTH ? line : whole;
    },
  );
}
