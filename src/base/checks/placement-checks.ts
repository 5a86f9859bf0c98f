import type { CheckTable } from './rule.js';

/** Where segments go. */
export const PLACEMENT_CHECKS = {
  entry: {
    rule: 'the CPU enters purgatory, or what --entry says',
    source: 'kexec-file',
    errnos: [],
    cure: 'leave --entry out',
  },
  'segment-count': {
    rule: 'a kimage has at most 16 segments',
    source: 'kexec_add_buffer()',
    errnos: ['EINVAL', 'EADDRNOTAVAIL'],
    cure: 'give fewer segments',
  },
  'segment-hole': {
    rule: 'free memory holds the segment within its window',
    source: 'kexec_locate_mem_hole()',
    errnos: ['EADDRNOTAVAIL'],
    cure:
      'make the initrd smaller, or free memory: for a crash kernel with a larger crashkernel=, else by fewer ' +
      'reservations (crashkernel=, cma=, hugepages=, reserved-memory) or a wider --mem-min and --mem-max',
  },
  'random-place': {
    rule: 'with --randomize, a segment is as likely at any place that is left to it as at any other',
    source: 'kexec-file; booting.rst says which places there are',
    errnos: [],
    cure: 'leave out --randomize, and segments go where the kernel puts them',
  },
  'segment-page': {
    rule: 'segments begin and end on pages',
    source: 'sanity_check_segment_list()',
    errnos: ['EADDRNOTAVAIL'],
    cure: 'take a kernel whose text_offset is a multiple of the page size: every kernel from 5.8 on',
  },
  'segment-bytes': {
    rule: 'a segment has no more bytes than memory',
    source: 'sanity_check_segment_list()',
    errnos: ['EINVAL'],
    cure: 'fetch or build the kernel again: its file is larger than its image_size, or has something behind it',
  },
  'segment-overlap': {
    rule: 'segments do not overlap',
    source: 'sanity_check_segment_list()',
    errnos: ['EINVAL'],
    cure: 'let kexec-file place them: leave out --mem-min, --mem-max and --rules',
  },
  'segment-total': {
    rule: 'segments take at most half of the RAM',
    source: 'sanity_check_segment_list()',
    errnos: ['EINVAL'],
    cure: 'make the initrd smaller: kernel and initrd may take half of the RAM',
  },
} as const satisfies CheckTable;
