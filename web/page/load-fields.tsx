import type { JSX } from 'preact';
import { useContext, useState } from 'preact/hooks';
import { POLICIES, type Policy } from '../../src/trust/policy.js';
import type { ChosenFile } from '../jobs/chosen-file.js';
import type { PreflightRequest } from '../jobs/fleet-job.js';
import { Choice } from './choice.js';
import type { FilesByRole } from './file-roles.js';
import { LinkContext, type LinkOptions } from './link-options.js';
import { useSameList } from './use-same-list.js';

/** What the user chooses for a load, on one machine or on many. */
export interface LoadFields {
  readonly chosen: Omit<PreflightRequest, 'kernel'>;
  readonly elements: JSX.Element;
  /** The options of the command. @param machine - those that name the machine, which are behind the initrd */
  readonly formatWords: (machine: readonly string[]) => string[];
  /** What a link holds. */
  readonly link: Readonly<Record<string, string | undefined>>;
}

const POLICY_NAMES: readonly (Policy | undefined)[] = [undefined, ...POLICIES];

/** Fields for the options of a load: initrd, command line, policy, crash kernel. */
export function useLoadFields(files: FilesByRole): LoadFields {
  const initrds: readonly (ChosenFile | undefined)[] = [...files.initrd, undefined];
  const linked = useContext(LinkContext);
  const [initrd, setInitrd] = useState<ChosenFile | undefined | 'first'>('first');
  const [commandLine, setCommandLine] = useState(linked['command-line'] ?? '');
  const [isCrash, setCrash] = useState('panic' in linked);
  const [policy, setPolicy] = useState(readOption(POLICIES, linked, 'policy'));
  const chosen: LoadFields['chosen'] = {
    initrd:
      initrd !== 'first' && initrds.includes(initrd) ? initrd : findNamed(initrds, nameInitrd, linked.initrd),
    keyrings: useSameList(files.keys),
    policy,
    type: isCrash ? 'crash' : 'default',
    commandLine: commandLine === '' ? undefined : commandLine,
  };
  const elements = (
    <>
      <Choice label="Initrd" items={initrds} chosen={chosen.initrd} name={nameInitrd} onChoose={setInitrd} />
      <label>
        Command line{' '}
        <input
          type="text"
          value={commandLine}
          spellcheck={false}
          onChange={({ currentTarget }) => setCommandLine(currentTarget.value)}
        />
      </label>
      <Choice
        label="Signature"
        items={POLICY_NAMES}
        chosen={policy}
        name={(item) => item ?? (files.keys.length === 0 ? 'does not count' : 'enforce, by the certificates')}
        onChoose={setPolicy}
      />
      <label>
        <input
          type="checkbox"
          checked={isCrash}
          onChange={({ currentTarget }) => setCrash(currentTarget.checked)}
        />{' '}
        Crash kernel
      </label>
    </>
  );
  return {
    chosen,
    elements,
    formatWords: (machine) => [
      ...(chosen.initrd === undefined ? [] : ['--initrd', chosen.initrd.name]),
      ...machine,
      ...chosen.keyrings.flatMap(({ name }) => ['--keyring', name]),
      ...(policy === undefined ? [] : ['--policy', policy]),
      ...(chosen.commandLine === undefined ? [] : ['--command-line', chosen.commandLine]),
      ...(isCrash ? ['--panic'] : []),
    ],
    link: {
      initrd: nameInitrd(chosen.initrd),
      'command-line': chosen.commandLine,
      policy,
      panic: isCrash ? '' : undefined,
    },
  };
}

/** The value of an option in the address, if it is one that the option takes. */
export function readOption<Value extends string>(
  values: readonly Value[],
  linked: LinkOptions,
  name: string,
): Value | undefined {
  return values.find((value) => value === linked[name]);
}

function nameInitrd(initrd: ChosenFile | undefined): string {
  return initrd?.name ?? 'none';
}

/** The item with a name; the first if none has it. */
export function findNamed<Item>(
  items: readonly Item[],
  getName: (item: Item) => string,
  name: string | undefined,
): Item | undefined {
  const index = items.findIndex((item) => getName(item) === name);
  return items[Math.max(0, index)];
}
