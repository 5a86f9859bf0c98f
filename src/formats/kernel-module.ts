import { decodeLatin1 } from '../base/bytes.js';
import { KexecError, refuse } from '../base/error.js';
import { readNameTable, readSections } from './elf/sections.js';

/** A graphics card, the largest of drivers, has half of it. In bytes. */
export const MODULE_LIMIT = 128 * 1024 * 1024;

/** What a module says of itself, in its section `.modinfo`. */
export interface ModuleInfo {
  /** Modules that have to be loaded before it. */
  readonly depends: readonly string[];
  /** What should be loaded before it, if there is such a module: modules or aliases. */
  readonly wants: readonly string[];
}

/**
 * Reads what a kernel module needs (`depends=`, and `softdep=pre:`, of include/linux/module.h), names with `_` for `-`.
 *
 * @param what - it is, in errors: a path
 * @throws KexecError `ENOEXEC`: `kernel-module`.
 */
export function parseModuleInfo(what: string, bytes: Uint8Array): ModuleInfo {
  const contents = modinfoSection(what, bytes);
  const facts = decodeLatin1(contents).split('\0');
  const values = (name: string): string[] =>
    facts.filter((fact) => fact.startsWith(`${name}=`)).map((fact) => fact.slice(name.length + 1));
  return {
    depends: values('depends').flatMap((list) => namesIn(list, ',')),
    wants: values('softdep').flatMap((text) =>
      namesIn(/\bpre:([^:]*?)(?:\s*\w+:|$)/.exec(text)?.[1] ?? '', ' '),
    ),
  };
}

function modinfoSection(what: string, bytes: Uint8Array): Uint8Array {
  try {
    const { sections, names } = readSections(bytes, MODULE_LIMIT);
    const nameOf = readNameTable(sections, names, 'elf-section');
    const section = sections.find(({ nameOffset }) => nameOf.at(nameOffset, 'a section') === '.modinfo');
    if (section?.contents !== undefined) return section.contents;
  } catch (cause) {
    if (!(cause instanceof KexecError)) throw cause;
    refuse('kernel-module', 'ENOEXEC', `${what} is no module: ${cause.seen}`, { cause });
  }
  refuse('kernel-module', 'ENOEXEC', `${what} is no module: it has no section .modinfo`);
}

/** The name that a module goes by, whichever way it is written: `virtio-blk` is `virtio_blk`. */
export function moduleName(text: string): string {
  return text.replaceAll('-', '_');
}

function namesIn(list: string, separator: string): string[] {
  return list
    .split(separator)
    .map((name) => moduleName(name.trim()))
    .filter((name) => name !== '');
}
