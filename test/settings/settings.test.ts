import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attempt, KexecError } from '../../src/base/error.js';
import { parseSettings } from '../../src/settings/settings.js';

function refusalOf(text: string): KexecError {
  const error = attempt(() => parseSettings(text));
  if (!(error instanceof KexecError)) throw new Error('not refused');
  expect(error.check).toBe('settings');
  return error;
}

describe('parseSettings()', () => {
  it('has a default for everything that is left out', () => {
    const { load, kdump, hooks } = parseSettings('# nothing but a comment\n');
    expect(load).toEqual({
      policy: 'enforce',
      certs: [],
      keyrings: [],
      dbx: [],
      syscall: 'auto',
      strict: false,
    });
    expect(kdump).toMatchObject({ path: '/var/crash', after: 'reboot' });
    expect(hooks).toEqual({ preflight: true, reload: true });
  });

  it('takes what a section has, and the defaults of the others', () => {
    const settings = parseSettings(`
[load]
entry = "debian-6.12"
policy = "permissive"
keyrings = ["platform:/etc/keys/db.pem", "/etc/keys"]
append = 'quiet console="ttyAMA0"'

[hooks]
key = "pkcs11:token=build"
cert = "/etc/keys/signing.pem"
`);
    expect(settings.load).toMatchObject({
      entry: 'debian-6.12',
      policy: 'permissive',
      keyrings: ['platform:/etc/keys/db.pem', '/etc/keys'],
      append: 'quiet console="ttyAMA0"',
      syscall: 'auto',
    });
    expect(settings.hooks).toMatchObject({ key: 'pkcs11:token=build', cert: '/etc/keys/signing.pem' });
    expect(settings.kdump).toEqual(parseSettings('').kdump);
  });

  it.each([
    ['[load]\npolcy = "enforce"', 'line 2: [load] has no key polcy; did you mean policy?'],
    ['\n[laod]\n', 'line 2: there is no section [laod] and no key "laod" outside of one; did you mean load?'],
    [
      'policy = "enforce"',
      'line 1: there is no section [policy] and no key "policy" outside of one; it belongs under [load]',
    ],
    ['[hooks]\nsyscall = "file"', 'line 2: [hooks] has no key syscall; it belongs under [load]'],
    [
      '[hooks]\nzzzzzzzz = 1',
      'line 2: [hooks] has no key zzzzzzzz; there are preflight, reload, key, cert, passphrase-file',
    ],
    [
      '[load]\n\n  policy = "enforc"',
      'line 3: [load] policy = "enforc": wanted is "enforce", "permissive" or "as-kernel"',
    ],
    ['[load]\nstrict = "yes"', 'line 2: [load] strict = "yes": wanted is true or false'],
    ['[load]\ncerts = "/a.pem"', 'line 2: [load] certs = "/a.pem": wanted is a list of paths: ["…", "…"]'],
    [
      '[load]\ncerts = ["/a.pem", "b.pem"]',
      'line 2: [load] certs, item 2 = "b.pem": wanted is an absolute path, such as "/boot/vmlinuz"',
    ],
    ['[load]\nentry = ""', 'line 2: [load] entry = "": wanted is the name of a boot entry'],
    [
      '[load]\nappend = "a\\nb"',
      'line 2: [load] append = "a\\nb": wanted is text for the command line, on one line',
    ],
    [
      '[hooks]\nkey = "/k.pem"',
      'line 2: [hooks] key = "/k.pem": wanted is its certificate, too: cert = "/…"',
    ],
    [
      '[hooks]\ncert = "/c.pem"',
      'line 2: [hooks] cert = "/c.pem": wanted is its private key, too: key = "/…"',
    ],
    ['load = 5', 'line 1: load is a section: [load] on a line of its own, keys below'],
    ['[[load]]\nentry = "a"', 'load is a section: [load] on a line of its own, keys below'],
    ['load.strict = 1', '[load] strict = 1: wanted is true or false'],
    [
      '[load]\nstrict = 1\npolicy = 2',
      'line 3: [load] policy = 2: wanted is "enforce", "permissive" or "as-kernel" (and 1 more)',
    ],
    ['[load]\nentry = debian', 'line 2, column 9: not TOML: invalid value'],
    [
      '[load]\nentry = "a"\nentry = "b"',
      'line 3, column 1: not TOML: trying to redefine an already defined table or value',
    ],
    ['[load]\n__proto__ = 1', 'line 2: [load] has no key __proto__; there are'],
  ])('refuses %j', (text, seen) => {
    const error = refusalOf(text);
    expect(error.seen.startsWith(seen) ? seen : error.seen).toBe(seen);
    expect(error.errno).toBe('EINVAL');
  });

  it('refuses a long text, and tables within tables without end', () => {
    expect(refusalOf('#'.repeat(300_000)).errno).toBe('EFBIG');
    expect(refusalOf(`[load]\ncerts = ${'['.repeat(5000)}`).errno).toBe('EINVAL');
  });

  it('ends in a refusal, or in settings, whatever it reads', () => {
    const word = fc.constantFrom(
      '[load]',
      '[kdump]',
      '[hooks]',
      'policy',
      '=',
      '"enforce"',
      '[',
      ']',
      '\n',
      '{',
      '}',
      '.',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(word).map((words) => words.join('')),
        ),
        (text) => {
          const result = attempt(() => parseSettings(text));
          if (result instanceof KexecError) expect(result.check).toBe('settings');
          else expect(result.load.policy).toMatch(/^(enforce|permissive|as-kernel)$/);
        },
      ),
    );
  });
});
