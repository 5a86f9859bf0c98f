import { attempt, KexecError, refuse } from '../../base/error.js';
import { formatBytes } from '../../base/sizes.js';
import { MAX_SETTINGS_BYTES, parseSettings, type Settings } from '../../settings/settings.js';
import { type ReadBound, readFile } from '../files/read-file.js';

/** The settings of the installed program. */
export const SETTINGS_PATH = '/etc/kexec-file.conf';

const BOUND: ReadBound = {
  limit: MAX_SETTINGS_BYTES,
  refuseLarger: (path, limit) =>
    refuse('settings', 'EFBIG', `${path} has more than ${formatBytes(limit)}: it is no settings file`),
};

/**
 * Reads the settings of the installed program.
 *
 * @returns the defaults if the file does not exist
 * @throws KexecError as {@link parseSettings}, with the path; `file-access` for a file that cannot be read: a service
 *   must not take defaults for settings that it was not allowed to see
 */
export function readSettings(path: string = SETTINGS_PATH): Settings {
  const bytes = attempt(() => readFile(path, undefined, BOUND));
  if (bytes instanceof KexecError) {
    if (bytes.errno === 'ENOENT') return parseSettings('');
    throw bytes;
  }
  const settings = attempt(() => parseSettings(decode(bytes)));
  if (settings instanceof KexecError) throw settings.with(`${path}, ${settings.seen}`);
  return settings;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    refuse('settings', 'EINVAL', 'it is not text in UTF-8', { cause });
  }
}
