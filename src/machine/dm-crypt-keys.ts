/** A key of dm-crypt that kexec_file_load hands to a crash kernel. */
export interface DmCryptKey {
  /** The name of its folder in `/sys/kernel/config/crash_dm_crypt_keys`. */
  readonly name: string;
  /** By which the kernel asks for a logon key: `cryptsetup:UUID`. Left out if none was written: then every load fails. */
  readonly description?: string;
}

/** What the kernel hands to a crash kernel so that it can open encrypted volumes (CONFIG_CRASH_DM_CRYPT). */
export interface DmCryptFacts {
  /** None if nothing is handed over. */
  readonly keys: readonly DmCryptKey[];
  /** Whether a load takes the keys that the present crash kernel was given, and asks no keyring. */
  readonly reuse: boolean;
}
