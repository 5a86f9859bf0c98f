import { decodeLatin1 } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { nameAnyFile } from '../formats/foreign/name-file.js';
import type { Machine } from './machine-value.js';
import { parseMachine } from './schema.js';

/** The start of a file that is JSON, even if malformed. */
const JSON_START = /^\s*[{[]/;

/** Parses the bytes of a machine file. @throws KexecError as parseMachine(). */
export function parseMachineFile(bytes: Uint8Array): Machine {
  const name = JSON_START.test(decodeLatin1(bytes, 0, Math.min(bytes.length, 64)))
    ? undefined
    : nameAnyFile(bytes);
  if (name !== undefined) refuse('machine-schema', 'EINVAL', `machine file: it is ${name}`);
  return parseMachine(new TextDecoder().decode(bytes));
}
