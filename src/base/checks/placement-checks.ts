import type { CheckTable } from './rule.js';

/** Where segments go, and where the CPU enters. */
export const PLACEMENT_CHECKS = {
  entry: {
    rule: 'the CPU enters purgatory, or the address of --entry',
    source: 'kexec-file',
    errnos: [],
    cure: 'nothing to do; without --entry, the CPU enters purgatory',
  },
  'placement-rules': {
    rule: "places are chosen by the rules of the machine's kernel, or by those that --rules names and the architecture has",
    source: 'kexec-file; docs/kernel-releases.md',
    errnos: ['EINVAL'],
    cure: 'leave out --rules, or name rules that the architecture supports',
  },
  'segment-count': {
    rule: 'a kimage has at most 16 segments',
    source: 'kexec_add_buffer()',
    errnos: ['EINVAL', 'EADDRNOTAVAIL'],
    cure: 'load fewer segments',
  },
  'segment-hole': {
    rule: 'the segment fits into free memory within its window',
    source: 'kexec_locate_mem_hole()',
    errnos: ['EADDRNOTAVAIL'],
    cure:
      'free memory: for a crash kernel reserve more with crashkernel=; otherwise reserve less (crashkernel=, cma=, ' +
      'hugepages=, reserved-memory) or widen --mem-min and --mem-max; a smaller kernel or initrd helps, too',
  },
  handover: {
    rule: 'with Kexec Handover (KHO) on, segments lie in its scratch areas, and the next kernel gets what is handed over',
    source: 'kho_locate_mem_hole(), kho_fill_kimage()',
    errnos: [],
    cure:
      'record the machine again as root, with debugfs mounted and CONFIG_KEXEC_HANDOVER_DEBUGFS; or boot with kho=off if ' +
      'nothing is to be handed over',
  },
  'kho-hole': {
    rule: 'with Kexec Handover on, the segment fits into a scratch area within its window; no other memory is tried',
    source: 'kho_locate_mem_hole()',
    errnos: ['EADDRNOTAVAIL'],
    cure:
      'boot with larger scratch areas (kho_scratch=), or with kho=off if nothing is to be handed over; a smaller kernel or ' +
      'initrd helps, too',
  },
  'segment-cma': {
    rule: 'segments lie where the rules of placement put them, and not in pages of the CMA area',
    source: 'kexec_alloc_contig(), KEXEC_FILE_NO_CMA',
    errnos: ['EADDRNOTAVAIL'],
    cure: 'leave out --cma, or give --no-cma to a kexec of kexec-tools 2.0.33 or later',
  },
  'dm-crypt-keys': {
    rule: 'a crash kernel is given the dm-crypt keys in /sys/kernel/config/crash_dm_crypt_keys, each of which names a logon key',
    source: 'crash_load_dm_crypt_keys()',
    errnos: ['EINVAL', 'EADDRNOTAVAIL'],
    cure:
      "load by kexec_file_load, as the user in whose keyring the keys are (keyctl show @u); the kernel's log says which key it " +
      'lacks',
  },
  'random-place': {
    rule: 'with --randomize, every place that is possible for a segment is equally likely',
    source: 'kexec-file; booting.rst defines the possible places',
    errnos: [],
    cure: 'nothing to do; without --randomize, segments go where the kernel would put them',
  },
  'segment-page': {
    rule: 'segments begin and end on page boundaries',
    source: 'sanity_check_segment_list()',
    errnos: ['EADDRNOTAVAIL'],
    cure: 'use a kernel whose text_offset is a multiple of the page size, such as Linux 5.8 or later',
  },
  'segment-bytes': {
    rule: 'a segment has at most as many bytes as it takes memory (bufsz <= memsz)',
    source: 'sanity_check_segment_list()',
    errnos: ['EINVAL'],
    cure: 'fetch or build the kernel again: its file is larger than its image_size, or other data follows it',
  },
  'segment-overlap': {
    rule: 'no two segments overlap',
    source: 'sanity_check_segment_list()',
    errnos: ['EINVAL'],
    cure: 'leave out --mem-min, --mem-max and --rules, so that kexec-file chooses the places',
  },
  'segment-total': {
    rule: 'all segments together take at most half of the RAM',
    source: 'sanity_check_segment_list()',
    errnos: ['EINVAL'],
    cure: 'use a smaller kernel or initrd: together they may take half of the RAM',
  },
} as const satisfies CheckTable;
