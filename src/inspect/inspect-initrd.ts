import { attemptAsync, KexecError } from '../base/error.js';
import { hex } from '../base/u64.js';
import { detectCompression } from '../formats/compression/compression-names.js';
import type { Decompress } from '../formats/compression/decompress.js';
import { hasMagic } from '../formats/magics.js';
import { readInitrd } from '../kernel-file/initrd/read-initrd.js';
import type { Facts } from './facts.js';
import { InitrdContents } from './initrd-contents.js';

/** Inspects an initrd as the kernel unpacks it: archive by archive, and what keeps the kernel from going on. */
export async function inspectInitrd(bytes: Uint8Array, decompress: Decompress): Promise<Facts> {
  const contents: InitrdContents[] = [];
  const { members, entries, memory, problem, bound } = await readInitrd(
    bytes,
    decompress,
    (entry, member) => {
      contents[member] ??= new InitrdContents();
      contents[member].add(entry);
    },
  );
  return {
    members: members.map((member, index) => ({
      offset: hex(member.offset),
      kind: member.kind,
      size: hex(member.end - member.offset),
      unpacked: hex(member.unpacked),
      entries: member.entries,
      ...contents[index]?.describe(),
    })),
    entries,
    memory: hex(memory),
    ...(problem === undefined
      ? {}
      : { problem: problem.seen, check: problem.check, at: hex(problem.offset), cure: problem.cure }),
    ...(bound === undefined ? {} : { notExamined: bound.seen }),
  };
}

/** Whether what a file compresses begins as a cpio archive. The rest may be damaged. */
export async function isCompressedCpio(bytes: Uint8Array, decompress: Decompress): Promise<boolean> {
  const compression = detectCompression(bytes);
  const decompressor = compression && (await decompress(compression));
  if (decompressor === undefined) return false;
  const start = await attemptAsync(async () => decompressor(bytes, { limit: 6, atLimit: 'stop' }));
  return !(start instanceof KexecError) && hasMagic(start, 'cpio');
}
