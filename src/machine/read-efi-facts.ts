import { attempt, KexecError } from '../base/error.js';
import { parseEfiVariable } from '../formats/efivar.js';
import type { Collected } from './collected.js';
import { EFI_DEVICES, type EfiFacts, type EfiService } from './efi-facts.js';
import type { UnknownFact } from './machine-facts.js';

/** The EFI variables that are collected. */
const EFI_VARIABLES = [
  'db',
  'dbx',
  'MokListRT',
  'MokListXRT',
  'MokListTrustedRT',
  'SecureBoot',
  'SetupMode',
  'LoaderInfo',
  'StubInfo',
] as const;

/** Variables of one byte (UEFI Specification 2.10, section 3.3); the kernel takes no other length. */
const SWITCHES: readonly string[] = ['SecureBoot', 'SetupMode'];

/** A line of systab: kernel function `systab_show()`. */
const TABLE_LINE = /^([A-Z0-9]{1,16})=0x[0-9a-f]{1,16}$/;

/** The kernel shows four tables at most. */
const MAX_TABLES = 8;

/** What was read, and a reason for each file that is broken. */
interface EfiReading {
  /** Undefined if the machine shows none of it. */
  readonly efi: EfiFacts | undefined;
  readonly efiVariables: Readonly<Record<string, Uint8Array>> | undefined;
  readonly broken: readonly UnknownFact[];
}

/** Reads what the kernel shows of UEFI. A broken file decides nothing, and is listed with the reason. */
export function readEfiFacts(known: Collected): EfiReading {
  const broken: UnknownFact[] = [];
  const efi = readEfi(known, broken);
  const efiVariables = readVariables(known, broken);
  return { efi, efiVariables, broken };
}

function readEfi(known: Collected, broken: UnknownFact[]): EfiFacts | undefined {
  const size = known['efi-platform-size']?.trim();
  // It is there if, and only if, the machine was booted by UEFI.
  if (size === undefined) return undefined;
  const isKnown = size === '64' || size === '32';
  if (!isKnown) {
    const reason = `it is neither 32 nor 64: ${JSON.stringify(size.slice(0, 20))}`;
    broken.push({ fact: 'efi-platform-size', reason });
  }
  const tables = readTables(known['efi-systab'], broken);
  const services = readServices(known['efi-devices']);
  return {
    ...(isKnown ? { platformSize: size === '64' ? 64 : 32 } : {}),
    ...(tables === undefined ? {} : { tables }),
    ...(services === undefined ? {} : { services }),
  };
}

function readTables(systab: string | undefined, broken: UnknownFact[]): string[] | undefined {
  if (systab === undefined) return undefined;
  const lines = systab.split('\n').filter((line) => line !== '');
  const names = lines.slice(0, MAX_TABLES).map((line) => TABLE_LINE.exec(line)?.[1]);
  if (lines.length <= MAX_TABLES && names.every((name) => name !== undefined)) return names;
  broken.push({ fact: 'efi-systab', reason: 'it has lines other than NAME=0xADDRESS' });
  return undefined;
}

function readServices(devices: string | undefined): EfiService[] | undefined {
  if (devices === undefined) return undefined;
  const paths = devices.split('\n');
  return EFI_DEVICES.filter(({ path }) => paths.includes(path)).map(({ service }) => service);
}

function readVariables(
  collected: Collected,
  broken: UnknownFact[],
): Readonly<Record<string, Uint8Array>> | undefined {
  const variables: Record<string, Uint8Array> = {};
  for (const name of EFI_VARIABLES) {
    const variable = collected[`efivar-${name}`];
    if (variable === undefined) continue;
    const reason = findFault(name, variable);
    if (reason === undefined) variables[name] = variable;
    else broken.push({ fact: `efivar-${name}`, reason });
  }
  return Object.keys(variables).length === 0 ? undefined : variables;
}

/** Why a variable says nothing: it is cut short, or no variable at all. */
function findFault(name: string, file: Uint8Array): string | undefined {
  const variable = attempt(() => parseEfiVariable(file));
  if (variable instanceof KexecError) return variable.seen;
  const { length } = variable.data;
  if (!SWITCHES.includes(name) || length === 1) return undefined;
  return `its value has ${length} bytes, not 1`;
}
