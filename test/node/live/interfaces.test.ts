import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { takeInterfacesDown } from '../../../src/node/live/interfaces.js';
import { makeTemporaryFolder } from '../../support/cli.js';

/** A folder like /sys/class/net. @param flags - by interface */
function netFolder(flags: Readonly<Record<string, string>>): string {
  const folder = makeTemporaryFolder();
  for (const [name, text] of Object.entries(flags)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'flags'), text);
  }
  // Where bonding is there, so is a file that is no interface.
  writeFileSync(join(folder, 'bonding_masters'), '\n');
  return folder;
}

describe('takeInterfacesDown', () => {
  it('clears IFF_UP of interfaces that are up, except the loopback', () => {
    const folder = netFolder({ lo: '0x9\n', eth0: '0x1003\n', wlan0: '0x1002\n' });
    expect(takeInterfacesDown(folder)).toEqual([]);
    const flags = (name: string) => readFileSync(join(folder, name, 'flags'), 'utf8');
    expect(['lo', 'eth0', 'wlan0'].map(flags)).toEqual(['0x9\n', '0x1002', '0x1002\n']);
  });

  it('reports interfaces that stay up, and continues', () => {
    const folder = netFolder({ a: 'nonsense', b: '0x1003' });
    mkdirSync(join(folder, 'aa', 'flags'), { recursive: true });
    const problems = takeInterfacesDown(folder);
    expect(problems).toEqual([
      expect.stringMatching(/^interface a stays up: /),
      expect.stringMatching(/^interface aa stays up: illegal operation on a directory$/),
    ]);
    expect(readFileSync(join(folder, 'b', 'flags'), 'utf8')).toBe('0x1002');
  });

  it('does nothing if the folder does not exist', () => {
    expect(takeInterfacesDown(join(makeTemporaryFolder(), 'none'))).toEqual([]);
  });
});
