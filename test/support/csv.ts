/** Parses CSV as RFC 4180 defines it, strictly: every line ends in CRLF, quotes enclose a whole field. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let at = 0;
  while (at < text.length) {
    const row: string[] = [];
    for (;;) {
      const [field = '', quoted, plain] = takeField(text.slice(at));
      row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
      at += field.length;
      if (text[at] !== ',') break;
      at += 1;
    }
    if (!text.startsWith('\r\n', at)) throw new Error(`no end of line at ${at}: ${text.slice(at, at + 20)}`);
    at += 2;
    rows.push(row);
  }
  return rows;
}

function takeField(text: string): RegExpExecArray {
  const found = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))/.exec(text);
  if (found === null) throw new Error(`no field: ${text.slice(0, 20)}`);
  return found;
}
