import { formatSize } from '../../base/sizes.js';
import { findDestination } from '../../node/files/destination.js';
import { type WriteOptions, writeFile } from '../../node/files/write-file.js';
import { Layout, type ViewOptions } from '../../view/text/layout.js';
import { makeView, type View } from '../../view/text/make-view.js';
import { printError } from './output.js';
import { errorView } from './screen.js';

/** Describes an output to the user: `34.3 MiB, signed by …`. @param size - `34.3 MiB` */
export type DescribeOutput = (size: string) => string;

const formatOutput: View<[path: string, description: string, options: ViewOptions]> = makeView(
  (path, description, options) => new Layout(options).line(`${path}: ${description}`, 2),
);

/**
 * Writes an output of a command, and names it on standard error.
 *
 * @throws KexecError, as {@link writeFile}.
 */
export async function writeOutput(
  path: string,
  chunks: Parameters<typeof writeFile>[1],
  options: WriteOptions,
  describe: DescribeOutput,
): Promise<void> {
  nameOutput(path, await writeFile(path, chunks, options), describe);
}

/**
 * Names an output that was written on standard error, unless it went to a pipe or a device.
 *
 * @param size - in bytes
 */
export function nameOutput(path: string, size: number | bigint, describe: DescribeOutput): void {
  if (findDestination(path).kind !== 'file') return;
  // Off a terminal it stays one line, which scripts read.
  const { color, columns = Number.POSITIVE_INFINITY } = errorView();
  printError(formatOutput(path, describe(formatSize(BigInt(size))), { color, columns }));
}
