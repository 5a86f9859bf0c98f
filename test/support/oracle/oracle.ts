import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The releases of Linux that are asked, the older first. */
export const ORACLE_RELEASES = ['6.12', '7.3'] as const;

export type OracleRelease = (typeof ORACLE_RELEASES)[number];

/** A kernel whose decisions this project must make, too. */
export interface Oracle {
  readonly release: OracleRelease;
  /** Path of its Image. */
  readonly image: string;
  /** The folder of the Image, which also has its vmlinux with debug information. */
  readonly folder: string;
}

const HOW_TO_BUILD = 'docs/conformance.md says how to build it';

/**
 * Finds the oracle of a release: $KEXEC_ORACLE names the folder of Linux 6.12; with "-7.3" at its end, it is that of
 * Linux 7.3.
 *
 * @throws Error if there is none, or its Image is of another release: questions without an answer must not count as
 *   agreement
 */
export function findOracle(release: OracleRelease): Oracle {
  const named = process.env.KEXEC_ORACLE;
  if (named === undefined || named === '') {
    throw new Error(`KEXEC_ORACLE is not set: it names the folder of the oracle kernel (${HOW_TO_BUILD})`);
  }
  const oldest = named.replace(/\/+$/, '');
  const folder = release === '6.12' ? oldest : `${oldest}-${release}`;
  const image = join(folder, 'Image');
  if (!existsSync(image)) {
    throw new Error(`there is no oracle of Linux ${release}: ${image} does not exist (${HOW_TO_BUILD})`);
  }
  const banner = readFileSync(image)
    .toString('latin1')
    .match(/Linux version (\d+\.\d+)[^ \0]*/);
  if (banner?.[1] !== release) {
    throw new Error(`${image} is "${banner?.[0] ?? 'no Linux kernel'}", and not Linux ${release}`);
  }
  return { release, image, folder };
}

/**
 * Path of the oracle's vmlinux with debug information, beside the Image: `vmlinux`, or `vmlinux.zst`.
 *
 * @throws Error if there is neither
 */
export function findVmlinux({ folder }: Oracle): string {
  const found = ['vmlinux', 'vmlinux.zst'].map((name) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`there is no vmlinux in ${folder} (docs/conformance.md)`);
  return found;
}
