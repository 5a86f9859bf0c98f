/**
 * Reads what `--help` of a command prints below its options.
 *
 * @param columns - the width that paragraphs are filled to
 */
export function readEpilogue(command, columns) {
  let help = '';
  command.configureOutput({
    writeOut: (text) => (help += text),
    getOutHasColors: () => false,
    getOutHelpWidth: () => columns,
  });
  command.outputHelp();
  return help.slice(command.helpInformation().length).trim();
}

/**
 * Splits such a text into paragraphs.
 *
 * @returns for each, its filled text, and the indented lines after it
 */
export function splitEpilogue(text) {
  if (text === '') return [];
  return text.split('\n\n').map((paragraph) => {
    const lines = paragraph.split('\n');
    const start = lines.findIndex((line) => line.startsWith('  '));
    if (start < 0) return { text: paragraph, rows: [] };
    return { text: lines.slice(0, start).join('\n'), rows: lines.slice(start) };
  });
}
