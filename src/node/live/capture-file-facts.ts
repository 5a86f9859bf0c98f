import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { DumpService } from '../../doctor/dump-service.js';
import type { CaptureFileFacts } from '../../doctor/intended-load.js';
import { detectCompression } from '../../formats/compression/compression-names.js';

/** More than the magic of any compression has. */
const START_BYTES = 64;

/** Reads what is known of the files of the capture kernel that a service's settings name. */
export function readCaptureFileFacts({
  kernel,
  initrd,
}: Pick<DumpService, 'kernel' | 'initrd'>): CaptureFileFacts {
  const paths = [kernel, initrd].filter((path) => path !== undefined);
  return {
    missing: paths.filter(isMissing),
    release: kernel === undefined ? undefined : readRelease(kernel),
    compression: initrd === undefined ? undefined : detectCompression(readStart(initrd)),
  };
}

/** Whether a file is not there, as far as this user may see it. */
function isMissing(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false;
  }
}

/** The release in a file's name, as Debian's packages and `kdump-config symlinks` name it. */
function readRelease(path: string): string | undefined {
  try {
    return /^vmlinu[xz]-(.+)$/.exec(basename(realpathSync(path)))?.[1];
  } catch {
    return undefined;
  }
}

/** Reads the first bytes of a file; none if it cannot be read. */
function readStart(path: string): Uint8Array {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const bytes = new Uint8Array(START_BYTES);
      return bytes.subarray(0, readSync(descriptor, bytes));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return new Uint8Array(0);
  }
}
