import { parsePe } from '../../formats/pe/parse.js';
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
  const fields = parseOsRelease(osrel);
  return {
    title: fields.get('PRETTY_NAME') ?? fields.get('NAME') ?? fields.get('ID'),
    sortKey: fields.get('IMAGE_ID') ?? fields.get('ID'),
    version: fields.get('IMAGE_VERSION') ?? fields.get('VERSION') ?? fields.get('VERSION_ID') ?? uname,
    commandLine,
  };
}

/** Parses os-release(5): assignments of a shell, whose values may be quoted. */
function parseOsRelease(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const found = /^\s*([A-Z_0-9]+)=(.*?)\s*$/.exec(line);
    if (found?.[1] === undefined || found[2] === undefined) continue;
    const value = found[2].replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["'$`\\])/g, '$1');
    if (value !== '') fields.set(found[1], value);
  }
  return fields;
}
