/** The keys of a machine's EFI variables: every command that verifies for a machine counts them by one rule. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/machine/machine-value.js';
import { formatMachine } from '../../src/machine/schema.js';
import { signedFile } from '../conformance/authenticode.js';
import type { Identity } from '../conformance/certificates.js';
import { ca, signer, stranger } from '../conformance/identities.js';
import { buildImage } from '../conformance/image.js';
import { joinLines, makeTemporaryFolder, runCli } from '../support/cli.js';
import { buildEfiLists, EFI_TYPE } from '../support/efi.js';
import { buildMachine } from '../support/machine.js';

/** An EFI variable, as efivarfs gives it. */
const variable = (...identities: readonly Identity[]): Uint8Array =>
  Buffer.concat([
    Uint8Array.of(6, 0, 0, 0),
    ...identities.map(({ certificate }) =>
      buildEfiLists({ type: EFI_TYPE.x509, signatures: [{ data: certificate.der }] }),
    ),
  ]);

const FLEET: Readonly<Record<string, Partial<Machine>>> = {
  plain: {},
  trusting: { efiVariables: { db: variable(ca()) } },
  revoking: { efiVariables: { db: variable(ca()), dbx: variable(signer()) } },
  strange: { efiVariables: { MokListRT: variable(stranger()) } },
};

function writeFiles() {
  const folder = makeTemporaryFolder();
  const fleet = join(folder, 'fleet');
  mkdirSync(fleet);
  for (const [name, facts] of Object.entries(FLEET))
    writeFileSync(join(fleet, `${name}.json`), formatMachine(buildMachine({ name, ...facts } as object)));
  writeFileSync(join(folder, 'kernel'), signedFile({ signer: signer(), image: buildImage() }));
  writeFileSync(join(folder, 'ca.der'), ca().certificate.der);
  return {
    kernel: join(folder, 'kernel'),
    cert: join(folder, 'ca.der'),
    fleet,
    machine: (name: string) => join(fleet, `${name}.json`),
  };
}

describe("a recorded machine's EFI variables", () => {
  const verdicts = (given: readonly string[], command: 'plan' | 'verify') => {
    const { kernel, cert, machine } = writeFiles();
    const args = given.map((argument) => (argument === 'CERT' ? cert : argument));
    return Object.keys(FLEET).map((name) => {
      const { stdout, stderr, status } = runCli(command, kernel, ...args, '--machine', machine(name));
      return status === 0
        ? 'ok'
        : (/E[A-Z]+ \([\w-]+\)/.exec(joinLines(stderr))?.[0] ?? `${stdout}${stderr}`);
    });
  };

  it.each([
    ['plan', ['--cert', 'CERT'], ['ok', 'ok', 'EKEYREJECTED (blacklist)', 'ok']],
    ['verify', ['--cert', 'CERT'], ['ok', 'ok', 'EKEYREJECTED (blacklist)', 'ok']],
    ['plan', ['--policy', 'enforce'], ['ENOKEY (trust)', 'ok', 'EKEYREJECTED (blacklist)', 'ENOKEY (trust)']],
    ['verify', [], ['ENOKEY (trust)', 'ok', 'EKEYREJECTED (blacklist)', 'ENOKEY (trust)']],
    ['plan', [], ['ok', 'ok', 'ok', 'ok']],
  ] as const)('%s %j', (command, given, expected) => {
    expect(verdicts(given, command)).toEqual(expected);
  });

  it('explain names the revocation', () => {
    const { kernel, cert, machine } = writeFiles();
    const { stdout, stderr } = runCli('explain', kernel, '--cert', cert, '--machine', machine('revoking'));
    expect(joinLines(`${stdout}${stderr}`)).toContain('seen the chain leads to signer, which is revoked');
  });

  it('preflight counts those of each machine', () => {
    const { kernel, cert, fleet } = writeFiles();
    const run = (...args: readonly string[]) =>
      runCli('preflight', kernel, fleet, '--json', ...args)
        .stdout.trimEnd()
        .split('\n')
        .map((row) => JSON.parse(row))
        .filter(({ machine }) => machine !== undefined)
        .map(({ machine, verdict, refusal }) => [machine, refusal?.check ?? verdict]);
    const expectRows = (rows: unknown, expected: Record<string, string>) =>
      expect(Object.fromEntries(rows as [string, string][])).toEqual(expected);
    const loads = { plain: 'loads', trusting: 'loads', revoking: 'blacklist', strange: 'loads' };
    expectRows(run('--cert', cert), loads);
    expectRows(run('--policy', 'enforce'), { ...loads, plain: 'trust', strange: 'trust' });
    expectRows(run('--policy', 'permissive'), { ...loads, revoking: 'loads' });
    expectRows(run(), { ...loads, revoking: 'loads' });
  });
});
