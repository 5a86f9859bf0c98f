import { parsePe } from '../../formats/pe/parse.js';
import { parseAssignments } from '../../formats/shell-assignments.js';
import { parseUki } from '../../formats/uki.js';

/** What a menu shows of a UKI, and sorts it by. */
export interface UkiFacts {
  readonly title?: string | undefined;
  readonly sortKey?: string | undefined;
  readonly version?: string | undefined;
  /** The command line in it. */
  readonly commandLine?: string | undefined;
}

/**
 * Reads a UKI's own description, out of os-release(5) in it: Boot Loader Specification, type 2.
 *
 * @throws KexecError as parsePe() and parseUki()
 */
export function readUkiFacts(file: Uint8Array): UkiFacts {
  const { osrel = '', uname, commandLine } = parseUki(parsePe(file));
  const fields = parseAssignments(osrel);
  const findFirst = (...names: readonly string[]): string | undefined =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== '');
  return {
    title: findFirst('PRETTY_NAME', 'NAME', 'ID'),
    sortKey: findFirst('IMAGE_ID', 'ID'),
    version: findFirst('IMAGE_VERSION', 'VERSION', 'VERSION_ID') ?? uname,
    commandLine,
  };
}
