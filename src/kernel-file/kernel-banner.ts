import { decodeLatin1, findByFirstByte, findBytes } from '../base/bytes.js';
import { findBuild, isBzimage } from '../formats/bzimage/header.js';

/** What a kernel says of itself in the first line of its log: `linux_banner` of init/version.c. */
export interface KernelBanner {
  /** Where it lies in the Image or bzImage, in bytes from its start. */
  readonly offset: number;
  /** `uname -r`: `6.12.117+deb12-arm64`. */
  readonly release: string;
  /** The compiler and the linker, as the kernel's build found them; undefined if the banner is cut short. */
  readonly compiler?: string;
  /** What follows: the number of the build, and the date or the package's version: `#1 SMP Debian 6.12.117-1`. */
  readonly version?: string;
}

const START = new TextEncoder().encode('Linux version ');

/** `__NEW_UTS_LEN`: the longest release. */
const MAX_RELEASE_BYTES = 64;

/** More than any banner: the compiler's and the linker's own descriptions are the longest parts. */
const MAX_BANNER_BYTES = 1024;

/** A kernel has the text two or three times, once as a format. */
const MAX_TRIES = 256;

/** The alignment of a kernel's parts in the Image: `SEGMENT_ALIGN` of arch/arm64/include/asm/memory.h. */
const PART_ALIGNMENT = 64 << 10;

/** More than the bytes before the banner in read-only data: two or three hundred. */
const MAX_BYTES_BEFORE = 512;

/**
 * Finds the banner in an Image, which is not compressed; of a bzImage, which is, the text of its setup header. A kernel that
 * is no Linux has none.
 *
 * @returns undefined if there is none
 */
export function findBanner(image: Uint8Array): KernelBanner | undefined {
  if (isBzimage(image)) return readSetupHeader(image);
  return findAtPart(image) ?? findAnywhere(image);
}

/**
 * Searches only where each part may begin. The linker puts init/ first, so the banner stands at the beginning of the
 * read-only data, behind megabytes of code: to search these would take as long as many checks.
 */
function findAtPart(image: Uint8Array): KernelBanner | undefined {
  for (let part = 0; part < image.length; part += PART_ALIGNMENT) {
    const start = image.subarray(part, part + MAX_BYTES_BEFORE + START.length);
    const found = findByFirstByte(start, START);
    const banner = found < 0 ? undefined : readBanner(image, part + found);
    if (banner !== undefined) return banner;
  }
  return undefined;
}

function findAnywhere(image: Uint8Array): KernelBanner | undefined {
  let at = -1;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    at = findBytes(image, START, at + 1);
    if (at < 0) return undefined;
    const banner = readBanner(image, at);
    if (banner !== undefined) return banner;
  }
  return undefined;
}

/** `6.12.117 (user@host) #1 SMP …`: the compiler is not in it. */
function readSetupHeader(image: Uint8Array): KernelBanner | undefined {
  const build = findBuild(image);
  const [, release, version] = /^(\S+)(?:.*?(#.*))?/.exec(build?.text ?? '') ?? [];
  if (build === undefined || release === undefined) return undefined;
  return { offset: build.offset, release, ...(version === undefined ? {} : { version }) };
}

/** @returns undefined if no release follows */
function readBanner(image: Uint8Array, offset: number): KernelBanner | undefined {
  const start = offset + START.length;
  const release = /^(\d\S*) /.exec(decodeText(image, start, MAX_RELEASE_BYTES + 1))?.[1];
  if (release === undefined) return undefined;
  const rest = decodeText(image, start + release.length + 1, MAX_BANNER_BYTES).split(/[\0\n]/, 1)[0] ?? '';
  return { offset, release, ...parseRest(rest) };
}

function decodeText(image: Uint8Array, start: number, length: number): string {
  return decodeLatin1(image, start, Math.min(start + length, image.length));
}

/** `(user@host) (compiler, linker) #1 SMP …`; each pair of brackets may have others inside. */
function parseRest(rest: string): Pick<KernelBanner, 'compiler' | 'version'> {
  const afterBuilder = skipBrackets(rest, 0);
  const end = skipBrackets(rest, afterBuilder + 1);
  if (afterBuilder <= 0 || end <= afterBuilder + 1) return {};
  const version = rest.slice(end + 1);
  return {
    compiler: rest.slice(afterBuilder + 2, end - 1),
    ...(version === '' ? {} : { version }),
  };
}

/** Finds the end of a text in brackets. @returns `start` if none begins there, or it has no end */
function skipBrackets(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0) return character === ')' ? at + 1 : start;
  }
  return start;
}
