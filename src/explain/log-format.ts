import { refuse } from '../base/error.js';

interface BinaryLog {
  readonly what: string;
  readonly command: (file: string) => string;
}

const UTF_16: BinaryLog = {
  what: 'text in UTF-16',
  command: (file) => `iconv -f UTF-16 -t UTF-8 ${file}`,
};

/** How files begin that are no text although a log is in them, and the command that prints the log. */
const BINARY_LOGS: readonly (BinaryLog & {
  /** Read as UTF-8: what is none is U+FFFD. */
  readonly starts: readonly string[];
})[] = [
  {
    starts: ['LPKSHHRH'],
    what: 'a journal of systemd',
    command: (file) => `journalctl --file ${file} -o short-monotonic`,
  },
  { starts: ['\u001f\ufffd'], what: 'compressed by gzip', command: (file) => `zcat ${file}` },
  { starts: ['\ufffd7zXZ'], what: 'compressed by xz', command: (file) => `xzcat ${file}` },
  {
    starts: ['(\ufffd/\ufffd'],
    what: 'compressed by zstd',
    command: (file) => `zstdcat ${file}`,
  },
  { starts: ['BZh91AY'], what: 'compressed by bzip2', command: (file) => `bzcat ${file}` },
  {
    starts: ['\u007fELF', 'KDUMP   ', 'makedumpfile\0\0\0\0'],
    what: 'a dump, or another ELF file',
    command: (file) => `kexec-file vmcore dmesg ${file}`,
  },
  { starts: ['\ufffd\ufffd'], ...UTF_16 },
];

/**
 * Refuses a log that is no text: nothing would be found in it.
 *
 * @param start - its first line, or the beginning of it
 * @throws KexecError `file-kind`; its cure is the command that prints the log
 */
export function checkLogIsText(start: string, file: string): void {
  const binary =
    BINARY_LOGS.find(({ starts }) => starts.some((text) => start.startsWith(text))) ??
    (isWide(start) ? UTF_16 : undefined);
  if (binary === undefined) return;
  refuse('file-kind', 'EINVAL', `the log ${file} is ${binary.what}, not text`, {
    cure: `${binary.command(file === '-' ? 'FILE' : file)} | kexec-file explain --log -`,
  });
}

/** Text in UTF-16 without a mark has a zero byte in each letter of ASCII. */
function isWide(start: string): boolean {
  const zeros = [...start.slice(0, 8)].filter((character) => character === '\0').length;
  return start.length >= 8 && zeros === 4;
}
