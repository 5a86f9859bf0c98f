import { type FitListing, listFit } from '../formats/fit.js';
import { parsePe } from '../formats/pe/parse.js';
import { listProfiles } from '../formats/uki.js';
import type { Wrapping } from '../kernel-file/open-wrapping.js';
import type { Facts } from './facts.js';

/** The members of a file, of which a user chooses one: `FILE#NAME`. */
export interface Members {
  readonly facts: Facts;
  /** Why none can be opened unless one is named; undefined if one is the default. */
  readonly needsName: string | undefined;
}

/**
 * Lists the configurations of a FIT and the profiles of a UKI.
 *
 * @returns undefined for files of other kinds
 * @throws KexecError, as their parsers.
 */
export function inspectMembers(bytes: Uint8Array, { check }: Wrapping): Members | undefined {
  if (check === 'fit') return inspectConfigurations(listFit(bytes));
  if (check !== 'uki') return undefined;
  const profiles = listProfiles(parsePe(bytes));
  const facts = profiles.map(({ number, ...texts }) => ({ number, ...texts }));
  return { facts: facts.length === 0 ? {} : { profiles: facts }, needsName: undefined };
}

function inspectConfigurations({ entries, images, description }: FitListing): Members {
  const hasChoice = entries.length === 1 || entries.some(({ isDefault }) => isDefault);
  return {
    facts: {
      ...(description === undefined ? {} : { description }),
      configurations: entries.map(({ name }) => name),
      choices: entries.map(({ isDefault, compatible, ...texts }) => ({
        ...withoutUndefined(texts),
        ...(compatible.length === 0 ? {} : { compatible }),
        ...(isDefault ? { default: true } : {}),
      })),
      images,
    },
    needsName: hasChoice
      ? undefined
      : "no configuration is the default: a load takes the one whose compatible is the machine's, or FILE#NAME",
  };
}

function withoutUndefined(texts: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}
