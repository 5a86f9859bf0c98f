import { latin1 } from '../base/bytes.js';
import { KexecError } from '../base/error.js';
import { nameTable, readSections } from './elf/sections.js';

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
 * @throws KexecError `ENOEXEC`: `elf-header`, `elf-section`, `kernel-module`.
 */
export function parseModuleInfo(bytes: Uint8Array): ModuleInfo {
  const { sections, names } = readSections(bytes, MODULE_LIMIT);
  const nameOf = nameTable(sections, names, 'elf-section');
  const section = sections.find(({ nameOffset }) => nameOf.at(nameOffset, 'a section') === '.modinfo');
  if (section?.contents === undefined) {
    throw new KexecError({ check: 'kernel-module', errno: 'ENOEXEC', seen: 'there is no section .modinfo' });
  }
  const facts = latin1(section.contents).split('\0');
  const values = (name: string): string[] =>
    facts.filter((fact) => fact.startsWith(`${name}=`)).map((fact) => fact.slice(name.length + 1));
  return {
    depends: values('depends').flatMap((list) => namesIn(list, ',')),
    wants: values('softdep').flatMap((text) =>
      namesIn(/\bpre:([^:]*?)(?:\s*\w+:|$)/.exec(text)?.[1] ?? '', ' '),
    ),
  };
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
