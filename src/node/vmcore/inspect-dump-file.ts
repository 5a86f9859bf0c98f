import type { Inspected } from '../../inspect/facts.js';
import { findDumpKind, inspectDump } from '../../inspect/inspect-dump.js';
import { nodeCodecs } from '../codecs/node-codecs.js';
import { withFileSource } from '../files/file-source.js';
import { readStatus } from '../files/read-status.js';

/** Enough bytes for the kind of a dump. */
const START_BYTES = 32;

/**
 * Inspects a dump of any size, without reading it whole.
 *
 * @returns undefined for a file of another kind, and for what is no regular file or cannot be reached
 * @throws KexecError, as `inspectDump()`; `file-access` if the file cannot be read.
 */
export function inspectDumpFile(path: string): Inspected | undefined {
  if (readStatus(path)?.isFile() !== true) return undefined;
  return withFileSource(path, (source) => {
    const length = source.size < START_BYTES ? Number(source.size) : START_BYTES;
    const kind = findDumpKind(source.read(0n, length));
    return kind === undefined ? undefined : inspectDump(source, kind, nodeCodecs);
  });
}
