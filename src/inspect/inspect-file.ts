import { latin1, tellStart } from '../base/bytes.js';
import { refuse } from '../base/error.js';
import { hex } from '../base/u64.js';
import { portableDecompress } from '../formats/compression/decompress.js';
import { Budget } from '../kernel-file/expand.js';
import { type Opening, wrappingOf } from '../kernel-file/open-wrapping.js';
import { portableHashes } from '../trust/portable-hashes.js';
import type { Facts, Inspected } from './facts.js';
import { inspectCore } from './inspect-core.js';
import { inspectCpio } from './inspect-cpio.js';
import { inspectDeviceTree } from './inspect-device-tree.js';
import { inspectImage } from './inspect-image.js';
import { inspectWrapping, type Within } from './inspect-kernel-file.js';
import { inspectMachine } from './inspect-machine.js';
import { inspectPe } from './inspect-pe.js';

interface FileKind {
  readonly kind: string;
  /** Whether the file claims to be of this kind: by its magic alone, so that what is cut short is named, too. */
  readonly claims: (bytes: Uint8Array) => boolean;
  readonly facts: (bytes: Uint8Array) => Facts | Promise<Facts>;
}

const startsWith =
  (magic: string, offset = 0) =>
  (bytes: Uint8Array): boolean =>
    latin1(bytes.subarray(offset, offset + magic.length)) === magic;

/** ELF, and ET_CORE in e_type, in either byte order. */
function isElfCore(bytes: Uint8Array): boolean {
  return startsWith('\x7fELF')(bytes) && (startsWith('\x04\0', 16)(bytes) || startsWith('\0\x04', 16)(bytes));
}

/** In the order in which they are tried: an Image with an EFI stub is a PE file too. */
const FILE_KINDS: readonly FileKind[] = [
  { kind: 'arm64 Image', claims: startsWith('ARM\x64', 56), facts: inspectImage },
  { kind: 'PE file', claims: startsWith('MZ'), facts: inspectPe },
  { kind: 'device tree', claims: startsWith('\xd0\x0d\xfe\xed'), facts: inspectDeviceTree },
  { kind: 'ELF core', claims: isElfCore, facts: inspectCore },
  { kind: 'cpio archive', claims: startsWith('07070'), facts: inspectCpio },
  {
    kind: 'machine file',
    claims: (bytes) => /^\s*\{\s*"kexecFileMachine"/.test(latin1(bytes.subarray(0, 64))),
    facts: async (bytes) => {
      const { parseMachine } = await import('../machine/schema.js');
      return inspectMachine(parseMachine(new TextDecoder().decode(bytes)));
    },
  },
];

const ANYWHERE: Opening = { decompress: portableDecompress, hashes: portableHashes };

/**
 * What a file is, and what is in it. What a kernel comes in is opened, and shown with the kernel within.
 *
 * @param opening - where decompressors and digests come from
 * @throws KexecError `ENOEXEC`, check `file-kind`, if it is nothing that is known; else as the parser of its kind.
 */
export async function inspect(bytes: Uint8Array, opening: Opening = ANYWHERE): Promise<Inspected> {
  return inspectWithin(bytes, { opening, budget: new Budget(), depth: 0 });
}

async function inspectWithin(bytes: Uint8Array, within: Within): Promise<Inspected> {
  const wrapping = wrappingOf(bytes);
  if (wrapping !== undefined) {
    return { kind: wrapping.name, facts: await inspectWrapping(bytes, wrapping, within, inspectWithin) };
  }
  return inspectPlain(bytes);
}

async function inspectPlain(bytes: Uint8Array): Promise<Inspected> {
  const found = FILE_KINDS.find(({ claims }) => claims(bytes));
  if (found === undefined) {
    const known = FILE_KINDS.map(({ kind }) => kind).join(', ');
    refuse(
      'file-kind',
      'ENOEXEC',
      `a file of ${hex(bytes.length)} bytes, which ${tellStart(bytes)}: none of ${known}, or what a kernel comes in`,
    );
  }
  return { kind: found.kind, facts: await found.facts(bytes) };
}
