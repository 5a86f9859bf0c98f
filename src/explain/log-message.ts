/** Keys under which logs in JSON have the message: journalctl -o json, dmesg --json, container runtimes, collectors. */
const MESSAGE_KEYS = ['MESSAGE', 'msg', 'message', 'log'] as const;

const JSON_MESSAGE = new RegExp(`"(?:${MESSAGE_KEYS.join('|')})"\\s{0,8}:\\s{0,8}(["\\[])`);

/** A line of JSON, or one of JSON that is spread over lines (journalctl -o json-pretty, -o json-sse). */
const JSON_LINE = /^(?:data: )?\s{0,64}[{"]/;

/** What a sequence of a terminal starts with: bytes, or the text that rsyslog and cat -v make of them. */
const ESCAPE = ['\u001b', '\u009b', '#033', '\\^\\['].join('|');

/** Ends a title; within one, there is neither. */
const BELL = '\u0007';

/** Sequences by which a terminal shows colour or a title (ECMA-48). */
const COLOUR = new RegExp(
  `(?:${ESCAPE})(?:\\[[0-9;:?]{0,32}[@-~]|\\][^${BELL}\u001b]{0,256}(?:${BELL}|\u001b\\\\))`,
  'g',
);

/**
 * Takes the messages out of a line of a log: out of JSON, without colour and without a line end. Prefixes, such as a
 * timestamp or a host name, stay. A line of JSON has several messages if its text has several lines.
 */
export function readLogMessages(line: string): string[] {
  const text = line.startsWith('\ufeff') ? line.slice(1) : line;
  const found = JSON_LINE.test(text) ? JSON_MESSAGE.exec(text) : null;
  if (found === null) return [cleanMessage(text)];
  const at = found.index + found[0].length;
  const message = found[1] === '"' ? readJsonString(text, at) : readJsonBytes(text, at);
  return message.split('\n').map(cleanMessage);
}

function cleanMessage(text: string): string {
  return text.replace(COLOUR, '').trim();
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** Reads a string from behind its first quote. The line may have been cut: then the string ends there. */
function readJsonString(text: string, start: number): string {
  const end = /[^"\\]*(?:\\[\s\S][^"\\]*)*/y;
  end.lastIndex = start;
  const body = end.exec(text)?.[0] ?? '';
  return body.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code?: string, letter = '') =>
    code === undefined ? (ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** journalctl writes a message that is not UTF-8, or has escape characters, as an array of bytes. */
function readJsonBytes(text: string, start: number): string {
  const end = text.indexOf(']', start);
  const numbers = text.slice(start, end < 0 ? undefined : end).match(/\d{1,3}/g) ?? [];
  return new TextDecoder().decode(Uint8Array.from(numbers, Number));
}
