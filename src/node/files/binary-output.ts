import { refuse } from '../../base/error.js';

/** How much of an output is looked at to find out whether it is text, in bytes. */
const MAX_EXAMINED_BYTES = 4096;

/** The control characters of text: tabs and ends of lines. */
const TEXT_CONTROLS: readonly number[] = [...'\t\n\r'].map((character) => character.charCodeAt(0));

/** Whether bytes are no text. */
function isBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, MAX_EXAMINED_BYTES).some((byte) => byte < 0x20 && !TEXT_CONTROLS.includes(byte));
}

/**
 * Refuses to write a binary file to a terminal, which would obey what is in it.
 *
 * @param start - the first bytes of the file
 * @throws KexecError `EINVAL`, check `file-access`.
 */
export function refuseBinaryOnTerminal(start: Uint8Array, stream: { readonly isTTY?: boolean }): void {
  if (stream.isTTY !== true || !isBinary(start)) return;
  refuse('file-access', 'EINVAL', 'the output is binary, and would go to a terminal', {
    cure: 'redirect it (> FILE, | COMMAND), or name a file',
  });
}
