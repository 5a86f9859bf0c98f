import { describe, expect, it } from 'vitest';
import { formatDebianChangelog } from '../../packaging/debian/changelog.mjs';
import { formatCopyright } from '../../packaging/debian/copyright.mjs';
import { formatDebianVersion } from '../../packaging/debian/version.mjs';
import { readSourceDate } from '../../packaging/source-date.mjs';

describe('the version', () => {
  it.each([
    ['0.1.0', '0.1.0'],
    ['1.0.0-rc.1', '1.0.0~rc.1'],
    ['1.0.0-rc-2', '1.0.0~rc.2'],
    ['1.2.3+git.5', '1.2.3+git.5'],
  ])('%s is %s', (version, expected) => {
    expect(formatDebianVersion(version)).toBe(expected);
  });

  it('must be one', () => {
    expect(() => formatDebianVersion('1.0')).toThrow('"1.0" is no version');
  });
});

describe('the changelog', () => {
  const MARKDOWN = `# Changelog

## 0.2.0 (unreleased)

- One change with a text that is long enough to need a second line in a changelog of Debian,
  which has 79 columns.
- Another one.

## 0.1.0 (2026-05-01)

- The first.
`;

  it('has the form of deb-changelog(5), with the date of the source where there is none', () => {
    expect(formatDebianChangelog(MARKDOWN, 1_000_000_000, 'A Name <a@example.org>')).toBe(
      `kexec-file (0.2.0) unstable; urgency=medium

  * One change with a text that is long enough to need a second line in a
    changelog of Debian, which has 79 columns.
  * Another one.

 -- A Name <a@example.org>  Sun, 09 Sep 2001 01:46:40 +0000

kexec-file (0.1.0) unstable; urgency=medium

  * The first.

 -- A Name <a@example.org>  Fri, 01 May 2026 12:00:00 +0000
`,
    );
  });

  it('needs version and date', () => {
    expect(() => formatDebianChangelog('## Next\n', 0, '')).toThrow('no version and date in "Next"');
  });
});

describe('the copyright file', () => {
  const publisher = { name: 'The Publisher', homepage: 'https://example.org' };

  it('has a paragraph for each component', () => {
    const text = 'MIT License\n\nCopyright (c) 2020 Some Body\n\nPermission is granted\n';
    const copyright = formatCopyright(publisher, 2026, [
      { name: 'part', version: '1.0.0', license: 'MIT', text },
    ]);
    expect(copyright).toContain('Files: *\nCopyright: 2026 The Publisher\nLicense: Apache-2.0\n');
    expect(copyright).toContain(`Files: part/*
Copyright: 2020 Some Body
License: Expat
 MIT License
 .
 Copyright (c) 2020 Some Body
 .
 Permission is granted
Comment: part 1.0.0, which is part of /usr/bin/kexec-file.
`);
  });

  it('needs a holder of the copyright', () => {
    const component = { name: 'part', version: '1', license: 'MIT', text: 'Copyright notice\n' };
    expect(() => formatCopyright(publisher, 2026, [component])).toThrow('part names no holder');
  });
});

describe('the date of the source', () => {
  it('is SOURCE_DATE_EPOCH, else that of the last commit', () => {
    expect(readSourceDate({ SOURCE_DATE_EPOCH: '1700000000' })).toBe(1_700_000_000);
    expect(readSourceDate({})).toBeGreaterThan(1_500_000_000);
  });

  it('must be a number', () => {
    expect(() => readSourceDate({ SOURCE_DATE_EPOCH: 'today' })).toThrow('SOURCE_DATE_EPOCH is "today"');
  });
});
