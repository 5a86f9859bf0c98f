/** The fields of a record of the audit system, `key=value`, by key; of a key that occurs again, the first. */
export type AuditFields = ReadonlyMap<string, string>;

/**
 * A key is short, so that a long line without "=" costs little. auditd puts a control character before the fields that
 * it adds.
 */
const FIELD = /([A-Za-z_][\w-]{0,31})=(?:"([^"]*)"|([^\s,"\p{Cc}]*))/gu;

/** Fields whose values the kernel writes in hexadecimal digits if they contain spaces or quotes. */
const ENCODED: ReadonlySet<string> = new Set(['comm', 'exe', 'name', 'path', 'profile', 'proctitle']);

const HEX = /^(?:[0-9A-F]{2})+$/;

/**
 * Reads the fields of a record: of auditd, of the kernel's log, or of a journal.
 *
 * Source: `audit_log_untrustedstring()`; audit.log(5).
 */
export function readAuditFields(line: string): AuditFields {
  const fields = new Map<string, string>();
  for (const [, key = '', quoted, bare = ''] of line.matchAll(FIELD)) {
    if (fields.has(key)) continue;
    const isEncoded = quoted === undefined && ENCODED.has(key) && HEX.test(bare);
    fields.set(key, quoted ?? (isEncoded ? decodeHex(bare) : bare.replace(/'$/, '')));
  }
  return fields;
}

function decodeHex(digits: string): string {
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return new TextDecoder().decode(bytes);
}

/** Programs that load a kernel or save a dump, and the domains and profiles that are made for them. */
const PROGRAM = /kexec|kdump|vmcore|makedumpfile|coldreboot/i;

/** Programs that load a kernel among other things: systemd, and Node, which runs kexec-file. */
const HOST_PROGRAM = /^(?:systemctl|systemd-shutdow|systemd|node|MainThread)$/;

const KERNEL_FILE = /(?:^|\/)(?:vmlinu|initr|initramfs|[uz]?Image|linux|kexec|kdump)|\.efi$|\.img$/;

/** Whether the program that a record names is one of kexec or kdump, or another one that reads a kernel. */
export function isAboutKexec(fields: AuditFields): boolean {
  const {
    comm = '',
    exe = '',
    name = '',
    path = '',
    profile = '',
    scontext = '',
  } = Object.fromEntries(fields);
  if ([comm, exe, profile, scontext].some((text) => PROGRAM.test(text))) return true;
  return HOST_PROGRAM.test(comm) && KERNEL_FILE.test(path || name);
}

/** A name that can stand in a command as it is; anything else becomes a placeholder. Anyone can write to a log. */
export function toWord(text: string | undefined, placeholder: string): string {
  return text !== undefined && /^[\w./+:@-]{1,200}$/.test(text) && !text.startsWith('-') ? text : placeholder;
}
