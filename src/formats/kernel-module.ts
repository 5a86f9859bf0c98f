import { decodeLatin1 } from '../base/bytes.js';
import { attempt, KexecError, refuse } from '../base/error.js';
import { readNameTable, readSections } from './elf/sections.js';

/** In bytes; the largest drivers, of graphics cards, have half of it. */
export const MAX_MODULE_BYTES = 128 * 1024 * 1024;

/** What a module needs, from its section `.modinfo`. */
export interface ModuleInfo {
  /** Modules that must be loaded before it. */
  readonly depends: readonly string[];
  /** Modules or aliases that should be loaded before it, if they exist. */
  readonly wants: readonly string[];
}

/**
 * Parses what a kernel module needs (`depends=` and `softdep=pre:` of include/linux/module.h). Names have `_` for `-`.
 *
 * @param what - names the module in errors: a path
 * @param elfMachine - `e_machine` of its kernel
 * @throws KexecError `ENOEXEC`: `kernel-module`.
 */
export function parseModuleInfo(what: string, bytes: Uint8Array, elfMachine: number): ModuleInfo {
  const contents = findModinfo(what, bytes, elfMachine);
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

function findModinfo(what: string, bytes: Uint8Array, elfMachine: number): Uint8Array {
  const contents = attempt(() => {
    const { sections, names } = readSections(bytes, MAX_MODULE_BYTES, elfMachine);
    const table = readNameTable(sections, names, 'elf-section');
    return sections.find(({ nameOffset }) => table.at(nameOffset, 'a section') === '.modinfo')?.contents;
  });
  if (contents instanceof KexecError) {
    refuse('kernel-module', 'ENOEXEC', `${what} is no module for this kernel: ${contents.seen}`, {
      cause: contents,
    });
  }
  if (contents === undefined) {
    refuse('kernel-module', 'ENOEXEC', `${what} is no module: it has no section .modinfo`);
  }
  return contents;
}

/** The name of a module in its one form: `virtio-blk` becomes `virtio_blk`. */
export function normalizeModuleName(text: string): string {
  return text.replaceAll('-', '_');
}

function namesIn(list: string, separator: string): string[] {
  return list
    .split(separator)
    .map((name) => normalizeModuleName(name.trim()))
    .filter((name) => name !== '');
}
