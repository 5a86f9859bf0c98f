import { readFileSync } from 'node:fs';
import type { CollectedFiles } from '../../../src/machine/collect/collected-files.js';
import type { Machine } from '../../../src/machine/machine-value.js';
import { nodeHashes } from '../../../src/node/codecs/node-hashes.js';
import { parseKeyringFile } from '../../../src/trust/keyrings/keyring-file.js';
import { buildMachineStore, selectVariables } from '../../../src/trust/keyrings/machine-store.js';
import type { TrustRequest } from '../../../src/trust/policy.js';
import { corpus } from '../../support/corpus.js';
import { ATTRIBUTES, type FirmwareVariable, VENDOR } from '../../support/firmware-variables.js';
import { listFirmwareKeys } from './firmware-keys.js';

/** Options that both kernels have. */
const CONFIGURATION = 'test/conformance/x86-64/debian.config';

/** The variables of the firmware of a machine with Secure Boot: its keys, and Debian's CA, so that it starts the kernel. */
export function listFirmwareVariables(): readonly FirmwareVariable[] {
  return listFirmwareKeys(parseKeyringFile(new Uint8Array(readFileSync(corpus.shim()))).certificates);
}

/**
 * What the collector would read on a machine with Secure Boot, and cannot in these guests: there, efivarfs is a module, and
 * no file has the configuration.
 */
export function collectHiddenFiles(variables: readonly FirmwareVariable[]): CollectedFiles {
  const ofFirmware: readonly FirmwareVariable[] = [
    { name: 'SecureBoot', vendor: VENDOR.global, attributes: ATTRIBUTES.volatile, data: Uint8Array.of(1) },
    { name: 'SetupMode', vendor: VENDOR.global, attributes: ATTRIBUTES.volatile, data: Uint8Array.of(0) },
  ];
  return new Map([
    ['config', new Uint8Array(readFileSync(CONFIGURATION))],
    ...[...ofFirmware, ...variables].map(({ name, attributes, data }): [string, Uint8Array] => {
      return [`efivar-${name}`, Buffer.concat([Uint8Array.of(attributes, 0, 0, 0), data])];
    }),
  ]);
}

const requests = new WeakMap<Machine, TrustRequest>();

/** What a machine's own kernel trusts, if it has Secure Boot: the keys in its EFI variables. */
export function findTrust(machine: Machine): TrustRequest | undefined {
  if (machine.efiVariables?.SecureBoot === undefined) return undefined;
  const known = requests.get(machine) ?? buildTrust(machine);
  requests.set(machine, known);
  return known;
}

function buildTrust(machine: Machine): TrustRequest {
  const given = { sources: [], namesTrusted: false };
  const store = buildMachineStore(given, selectVariables(given, 'as-kernel', machine), nodeHashes);
  return { store, policy: 'as-kernel', hashes: nodeHashes };
}
