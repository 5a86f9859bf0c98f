import { type Command, Option } from 'commander';
import { PLACEMENT_RULES, type PlacementRules } from '../arch/arm64/rules.js';
import { KexecError } from '../base/error.js';
import { readFile, readText } from '../host/files.js';
import type { LoadRequest, LoadResult } from '../kexec/file-load.js';
import { loadKernelFile } from '../kexec/load-kernel-file.js';
import type { Machine } from '../machine/machine.js';
import { PRESETS } from '../machine/presets/presets.js';
import { POLICIES, type Policy, type TrustRequest } from '../trust/policy.js';
import { addTrustOptions, type TrustCliOptions, trustSources } from './trust-options.js';

/** The options of every command that loads a kernel. */
export interface LoadOptions extends TrustCliOptions {
  readonly initrd?: string;
  readonly commandLine?: string;
  readonly machine?: string;
  readonly panic?: boolean;
  readonly rules?: PlacementRules['name'];
  readonly policy?: Policy;
}

export function addLoadOptions(command: Command): Command {
  return addTrustOptions(command)
    .argument('<kernel>', 'an arm64 Image, or what it comes in: compressed, zboot, UKI, vmlinux, uImage, FIT')
    .option('--initrd <file>', "the next kernel's initial RAM disk; without it, that of a UKI or FIT")
    .option(
      '--command-line <text>',
      "the next kernel's command line; without it, that of a UKI, or else none",
    )
    .option('--machine <machine>', `a machine file, or a preset: ${Object.keys(PRESETS).join(', ')}`)
    .option('--panic', 'load a crash kernel, into the crash region')
    .addOption(
      new Option('--rules <rules>', 'whose placement rules')
        .choices(Object.keys(PLACEMENT_RULES))
        .default('mainline'),
    )
    .addOption(
      new Option(
        '--policy <policy>',
        'what a signature decides; enforce, where --cert or --keyring is given',
      ).choices(POLICIES),
    );
}

/** The machine of a name: a preset, or a machine file. */
export async function findMachine(name: string): Promise<Machine> {
  const preset = PRESETS[name];
  if (preset !== undefined) return preset();
  const { parseMachine } = await import('../machine/schema.js');
  try {
    return parseMachine(readText(name));
  } catch (error) {
    if (!(error instanceof KexecError) || error.errno !== 'ENOENT') throw error;
    const seen = `${name} is no preset (${Object.keys(PRESETS).join(', ')}), and there is no machine file of that name`;
    throw new KexecError({ check: 'file-access', errno: 'ENOENT', seen, cause: error });
  }
}

/** Every file that the options name, none of which may be overwritten. */
export function inputFiles(kernel: string, options: LoadOptions): string[] {
  const { initrd, machine, cert, keyring, dbx } = options;
  return [kernel, initrd, machine, ...cert, ...keyring, ...dbx].filter((path) => path !== undefined);
}

/** Reads each file once, and loads what was read. */
export async function loadFiles(kernel: string, options: LoadOptions, machine: Machine): Promise<LoadResult> {
  const request: LoadRequest = {
    kernel: readFile(kernel),
    initrd: options.initrd === undefined ? undefined : readFile(options.initrd),
    commandLine: options.commandLine,
    type: options.panic === true ? 'crash' : 'default',
    rules: options.rules,
    trust: await trustRequest(options),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
  };
  const { nodeDecompress } = await import('../host/decompress.js');
  const { nodeHashes } = await import('../host/hashes.js');
  return loadKernelFile(request, machine, { decompress: nodeDecompress, hashes: nodeHashes });
}

/** Verification is asked for by naming whom to trust, or a policy. */
async function trustRequest(options: LoadOptions): Promise<TrustRequest | undefined> {
  const isAskedFor =
    options.policy !== undefined || options.cert.length + options.keyring.length + options.dbx.length > 0;
  if (!isAskedFor) return undefined;
  const { loadTrustStore } = await import('../host/keyrings.js');
  const { nodeHashes } = await import('../host/hashes.js');
  return {
    store: loadTrustStore(trustSources(options), nodeHashes),
    policy: options.policy ?? 'enforce',
    hashes: nodeHashes,
  };
}
