import { attempt, KexecError, refuse } from '../base/error.js';
import type { Collected } from './collected.js';
import type { DmCryptFacts, DmCryptKey } from './dm-crypt-keys.js';
import type { UnknownFact } from './machine-facts.js';

/** `config_keys_make_item()` refuses a key once there are more than 128. */
const MAX_KEYS = 129;

/** What `sprintf()` of the kernel prints for a description that was not written. */
const NO_DESCRIPTION = '(null)';

/** What was read, and why nothing was. */
interface DmCryptReading {
  /** Undefined if the kernel hands over no keys, or this was not collected. */
  readonly dmCryptKeys: DmCryptFacts | undefined;
  readonly broken: readonly UnknownFact[];
}

/** Reads the folders of `/sys/kernel/config/crash_dm_crypt_keys`: a line for each, its name, a tab, its description. */
export function readDmCryptKeys(known: Collected): DmCryptReading {
  const { 'dm-crypt-keys': text, 'dm-crypt-reuse': reuse } = known;
  if (text === undefined) return { dmCryptKeys: undefined, broken: [] };
  const keys = attempt(() => parseKeys(text.split('\n').filter((line) => line !== '')));
  if (keys instanceof KexecError)
    return { dmCryptKeys: undefined, broken: [{ fact: 'dm-crypt-keys', reason: keys.seen }] };
  return { dmCryptKeys: { keys, reuse: reuse?.trim() === '1' }, broken: [] };
}

function parseKeys(lines: readonly string[]): DmCryptKey[] {
  if (lines.length > MAX_KEYS)
    refuse('machine-text', 'EINVAL', `${lines.length} dm-crypt keys; the kernel has at most ${MAX_KEYS}`);
  return lines.map((line) => {
    const tab = line.indexOf('\t');
    if (tab <= 0) refuse('machine-text', 'EINVAL', `"${line.slice(0, 40)}" is no dm-crypt key`);
    const description = line.slice(tab + 1);
    const name = line.slice(0, tab);
    return description === '' || description === NO_DESCRIPTION ? { name } : { name, description };
  });
}
