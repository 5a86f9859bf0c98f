import { readFileSync } from 'node:fs';
import { type GuestPlatform, PLATFORMS } from './platforms.js';
import { GuestTree } from './tree.js';

/** The path of the payload in a second kernel's initrd. */
export const PAYLOAD = '/payload';

/** The report of a kernel that was entered by kexec. */
export interface SecondKernel {
  /** As uname(1) prints it. */
  readonly release: string;
  readonly commandLine: string;
  /** The properties of the device tree's `/chosen`: their bytes. */
  readonly chosen: ReadonlyMap<string, Uint8Array>;
  /** The boot parameters of a kernel for x86_64. */
  readonly bootParams: Uint8Array | undefined;
  /** SHA-256 of the files asked for, in hex, by path. */
  readonly sha256: ReadonlyMap<string, string>;
}

/**
 * An initrd for a kernel that is entered by kexec. It tells on the console what it was given, and powers off;
 * {@link secondKernel} reads that.
 *
 * @param payload - what a digest proves to have arrived: an initrd cannot read itself
 * @param paths - more files that it tells the SHA-256 of, beside the payload and, on arm64, the device tree
 */
export function buildSecondInitrd(
  payload: Uint8Array,
  paths: readonly string[] = [],
  platform: GuestPlatform = PLATFORMS.arm64,
): Uint8Array {
  const tree = new GuestTree();
  tree.addConsole();
  tree.addFileOfHost('/bin/busybox', platform.busybox());
  tree.addFile('/init', readFileSync(new URL('second-init', import.meta.url)));
  tree.addFile(PAYLOAD, payload);
  const facts = [PAYLOAD, ...platform.reported, ...paths];
  tree.addFile('/facts', Buffer.from(facts.map((path) => `${path}\n`).join('')));
  return tree.toCpio();
}

/** Parses the second kernel's report; undefined if it did not run to its end. @param console - of a guest */
export function secondKernel(console: string): SecondKernel | undefined {
  const lines = [...console.matchAll(/^second kernel: (\S+) ?(.*?)\r?$/gm)].map(([, what, told]) => ({
    what: what ?? '',
    told: told ?? '',
  }));
  if (lines.at(0)?.what !== 'begin' || lines.at(-1)?.what !== 'end') return undefined;

  const all = (wanted: string) => lines.filter(({ what }) => what === wanted).map(({ told }) => told);
  const pairs = (wanted: string) => all(wanted).map((told) => told.split(' ') as [string, string]);
  return {
    release: all('kernel').join(),
    commandLine: all('command-line').join(),
    chosen: new Map(pairs('chosen').map(([name, value]) => [name, Buffer.from(value, 'hex')])),
    bootParams: all('boot-params').map((told) => Buffer.from(told, 'hex'))[0],
    sha256: new Map(pairs('sha256')),
  };
}
