import { refuse } from '../../base/error.js';
import { isTar, listTarFiles, walkTar } from '../../formats/tar.js';
import { MAX_FILE_BYTES } from '../../machine/collect/sources.js';
import { refuseLargerFile } from '../../machine/collect/unpack-collected.js';

const BLOCK = 512;
const CHECKSUM = { start: 148, end: 156 };
const SPACE = 0x20;

/** The names of members that are machines: machine files, and tars that the collector wrote. */
const MACHINE_NAME = /\.(json|tar|tar\.gz|tgz)$/;

/** A file in a tar. */
export interface TarStreamFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** Whether the start of a tar shows that it contains machines, and not the collected files of one. */
export function startsMachineTar(start: Uint8Array): boolean {
  if (!isTar(start)) return false;
  const [first] = listTarFiles(start, 1);
  return first !== undefined && MACHINE_NAME.test(first.name);
}

/**
 * Reads the machines in a tar of any length, one after the other. Other files in it are ignored.
 *
 * @param path - the name of the tar, for error messages
 * @throws KexecError check `machine-archive`: `EINVAL` if it is damaged or cut short, `EFBIG` for a file of more than
 *   32 MiB.
 */
export async function* readMachineTar(
  path: string,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<TarStreamFile> {
  const stream = new BlockStream(path, chunks);
  let longName: string | undefined;
  for (;;) {
    const header = await stream.take(BLOCK);
    if (header.length === 0 || header.every((byte) => byte === 0)) return;
    const { name, type, size } = readHeader(path, header);
    if (size > MAX_FILE_BYTES) refuseLargerFile(`${path}: ${longName ?? name}`, MAX_FILE_BYTES);
    const body = await stream.take(Math.ceil(size / BLOCK) * BLOCK);
    // The names that are too long for a member's own header precede it, as contents of a member.
    const [listed] = listTarFiles(Buffer.concat([header, body, endOfName(type)]), 1);
    if (type === 'L' || type === 'x') {
      longName = listed?.name ?? longName;
      continue;
    }
    const whole = longName ?? name;
    longName = undefined;
    if (type !== '0' && type !== '\0') continue;
    if (MACHINE_NAME.test(whole)) yield { name: whole.replace(/^\.\//, ''), bytes: body.subarray(0, size) };
  }
}

/** An empty file, to which the name in a member before it is given. */
function endOfName(type: string): Buffer {
  const block = Buffer.alloc(type === 'L' || type === 'x' ? BLOCK : 0);
  if (block.length > 0) block.write('-', 0);
  if (block.length > 0) block.write('0', 156);
  return block;
}

function readHeader(path: string, header: Buffer): { name: string; type: string; size: number } {
  const sum = header.reduce(
    (total, byte, at) => total + (at >= CHECKSUM.start && at < CHECKSUM.end ? SPACE : byte),
    0,
  );
  const stored = Number.parseInt(header.toString('latin1', CHECKSUM.start, CHECKSUM.end), 8);
  if (!isTar(header) || sum !== stored)
    refuse('machine-archive', 'EINVAL', `${path} is damaged: the header of a file has a wrong checksum`);
  const [member] = walkTar(header);
  if (member?.size === undefined)
    refuse('machine-archive', 'EINVAL', `${path}: the size of a file is not one that a machine has`);
  return { name: member.name, type: member.type, size: member.size };
}

/** Takes numbers of bytes out of a stream of pieces. */
class BlockStream {
  readonly #path: string;
  readonly #chunks: AsyncIterator<Buffer>;
  #waiting: Buffer = Buffer.alloc(0);

  constructor(path: string, chunks: AsyncIterable<Buffer>) {
    this.#path = path;
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** @returns that many bytes, or none at the end */
  async take(size: number): Promise<Buffer> {
    const parts = [this.#waiting];
    let length = this.#waiting.length;
    while (length < size) {
      const { value, done } = await this.#chunks.next();
      if (done === true) {
        if (length === 0) return this.#waiting;
        refuse('machine-archive', 'EINVAL', `${this.#path} is cut short in a file`);
      }
      parts.push(value);
      length += value.length;
    }
    const all = parts.length === 1 ? this.#waiting : Buffer.concat(parts);
    this.#waiting = all.subarray(size);
    return all.subarray(0, size);
  }
}
