# What guest.sh needs to know of Debian's x86_64 kernels: the numbers of system calls, and where /share comes from. These
# kernels have NVMe built in, and neither 9p nor virtio's disks: the first namespace is a tar of /share, and each stage
# writes its folder, as a tar, to a namespace of its own. It adds there:
#
#   $stage/boot/      boot_params and setup_data that this kernel was given, and its command line
#   $stage/segments   the errno of kexec_load(2) with flags that no kernel knows
#   $stage/contents/  if a crash kernel is loaded: for segment N (from 0) a file N, its bytes in the crash region

SYS_reboot=169
SYS_kexec_load=246
SYS_add_key=248
SYS_kexec_file_load=320

open_share() {
  mount -t devtmpfs dev /dev
  tar -x -f "$(find_namespace 1)" -C /share
}

close_share() {
  keep_boot_parameters
  syscall $SYS_kexec_load 0 0 0 -1
  echo $? >segments
  if [ "$(cat /sys/kernel/kexec_crash_loaded)" = 1 ]; then
    keep_contents
  fi
  case $stage in
    first) namespace=2 ;;
    *) namespace=3 ;;
  esac
  (cd /share && tar -c "$stage") | dd of="$(find_namespace $namespace)" bs=64k conv=fsync 2>/dev/null
}

# find_namespace NUMBER: prints its device. The kernel looks for namespaces in the background, and names them in the order in
# which it finds them.
find_namespace() {
  while true; do
    for block in /sys/block/nvme*; do
      if [ "$(cat "$block/nsid" 2>/dev/null)" = "$1" ] && [ -b "/dev/${block##*/}" ]; then
        echo "/dev/${block##*/}"
        return
      fi
    done
    sleep 0.1
  done
}

keep_boot_parameters() {
  mkdir boot
  cp /sys/kernel/boot_params/data boot/boot_params
  cp /proc/cmdline boot/cmdline
  for node in /sys/kernel/boot_params/setup_data/*; do
    [ -d "$node" ] && cat "$node/type" "$node/data" >"boot/setup_data-${node##*/}"
  done
}

# Writes the segments before the kernel of the crash kernel that is loaded: the last one of which there is a log.
keep_contents() {
  number=$(cd answers && grep -l -r 'kexec_file_load: type:1,' . | sed 's/.*\///' | sort -n | tail -n 1)
  [ -n "$number" ] || return 0
  mkdir contents
  od -A n -v -t u2 -j 56 -N 2 /proc/kcore | {
    read -r headers
    od -A n -v -t x8 -w56 -j 64 -N $((56 * headers)) /proc/kcore
  } >/tmp/headers
  sed -n 's/.*segment\[\([012]\)\].* bufsz=\([^ ]*\) mem=\([^ ]*\) .*/\1 \2 \3/p' "answers/$number" |
    while read -r segment size address; do
      read_memory $((address)) $((size)) >"contents/$segment"
    done
}

# read_memory ADDRESS SIZE: from /proc/kcore, whose program headers in /tmp/headers have the fields of Elf64_Phdr, type
# and flags in one.
read_memory() {
  while read -r _ offset _ start size _ _; do
    start=$((0x$start))
    if [ $start -ge 0 ] && [ $start -le "$1" ] && [ $((start + 0x$size)) -gt "$1" ]; then
      dd if=/proc/kcore bs=4096 iflag=skip_bytes skip=$((0x$offset + $1 - start)) count=$((($2 + 4095) / 4096)) \
        2>/dev/null | head -c "$2"
      return
    fi
  done </tmp/headers
}
