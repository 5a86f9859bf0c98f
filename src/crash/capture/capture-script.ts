import { BUSYBOX_INIT_START } from './busybox-root.js';
import { CAPTURE_FILES } from './capture-files.js';

/** The start of each line that the script prints on the console. */
export const CAPTURE_MARK = 'kexec-file capture:';

/**
 * The init of a capture initrd, for busybox's shell: loads modules, copies /proc/vmcore to the first target that
 * accepts it, reports progress and failures on the console, and ends as configured. Its configuration is in
 * {@link CAPTURE_FILES}.
 */
export const CAPTURE_SCRIPT = `${BUSYBOX_INIT_START}
# The init of a capture kernel, built by "kexec-file crash initrd": saves /proc/vmcore.
vmcore=/proc/vmcore
tab=$(printf '\\t')

say() {
  echo "${CAPTURE_MARK} $*"
}

# Rounds bytes up to whole MiB.
mib() {
  echo $((($1 + 1048575) / 1048576))
}

# Runs a command, and keeps its errors for because().
try() {
  "$@" 2>/tmp/errors
}

because() {
  tail -n 1 /tmp/errors | sed 's/^[a-z0-9]*: //'
}

setting() {
  cat "/${CAPTURE_FILES.folder}/$1" 2>/dev/null
}

load_modules() {
  for file in $(setting ${CAPTURE_FILES.modules}); do
    try insmod "/${CAPTURE_FILES.moduleFolder}/$file" || say "the module $file cannot be loaded: $(because)"
  done
}

# Prints the label of an ext2, ext3, ext4 or XFS file system: s_volume_name, sb_fname.
label_of() {
  if [ "$(dd "if=$1" bs=1 skip=1080 count=2 2>/dev/null | od -An -t x1)" = ' 53 ef' ]; then
    dd "if=$1" bs=1 skip=1144 count=16 2>/dev/null | tr -d '\\0'
  elif [ "$(dd "if=$1" bs=1 count=4 2>/dev/null)" = XFSB ]; then
    dd "if=$1" bs=1 skip=108 count=12 2>/dev/null | tr -d '\\0'
  fi
}

# Lists every disk and partition with its label.
list_disks() {
  disks=
  while read -r _ _ blocks name; do
    case $blocks in '' | *[!0-9]*) continue ;; esac
    label=$(label_of "/dev/$name")
    disks="$disks\${disks:+, }$name ($((blocks / 1024)) MiB\${label:+, label $label})"
  done </proc/partitions
  say "found: \${disks:-no disk at all; does the kernel need a module for it?}"
}

# find_device KIND VALUE: waits for the disk, and sets device to its path.
find_device() {
  waited=0
  patience=$(setting ${CAPTURE_FILES.patience})
  while :; do
    case $1 in
      label) device=$(findfs "LABEL=$2" 2>/dev/null) && return ;;
      *) device=$2 && [ -b "$device" ] && return ;;
    esac
    [ "$waited" -lt "$patience" ] || break
    waited=$((waited + 1))
    sleep 1
  done
  case $1 in
    label) say "there is no file system with the label $2, after $patience seconds" ;;
    *) say "there is no disk $2, after $patience seconds" ;;
  esac
  list_disks
  return 1
}

# mount_target KIND VALUE: mounts the target on /mnt.
mount_target() {
  if [ "$1" = 9p ]; then
    try mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000 "$2" /mnt && return
    say "the 9p share $2 cannot be mounted: $(because)"
    return 1
  fi
  find_device "$1" "$2" || return
  try mount "$device" /mnt && return
  say "$device cannot be mounted: $(because)"
  say "file systems of this kernel: $(sed -n 's/^\\t//p' /proc/filesystems | tr '\\n' ' ')"
  return 1
}

# copy_piece OUTPUT AT COUNT: copies a part of the dump; AT and COUNT are MiB.
copy_piece() {
  try dd "if=$vmcore" "of=$1" bs=1M "skip=$2" "seek=$2" "count=$3" iflag=fullblock conv=notrunc,fsync && return
  say "the copy stops after $2 of $(mib "$size") MiB: $(grep -v records /tmp/errors | tail -n 1 | sed 's/^dd: //')"
  return 1
}

# copy_from OUTPUT AT: copies the dump from AT (MiB) on, and reports every tenth of it.
copy_from() {
  at=$2
  end=$(mib "$size")
  step=$(((end + 9) / 10))
  while [ "$at" -lt "$end" ]; do
    [ $((at + step)) -le "$end" ] || step=$((end - at))
    copy_piece "$1" "$at" "$step" || return
    at=$((at + step))
    say "$at of $end MiB"
  done
}

# save_file PATH: saves into a new folder in PATH of the file system on /mnt.
save_file() {
  folder=/mnt$1/$(date -u +%Y%m%d-%H%M%S)
  number=1
  while [ -e "$folder" ]; do
    number=$((number + 1))
    folder=\${folder%+*}+$number
  done
  if ! try mkdir -p "$folder"; then
    say "\${folder#/mnt} cannot be created: $(because)"
    return 1
  fi
  dmesg >"$folder/capture-dmesg"
  sh /${CAPTURE_FILES.folder}/${CAPTURE_FILES.collector} -o "$folder/machine.tar"
  free=$(($(df -k -P /mnt | awk 'END { print $4 }') * 1024))
  if [ "$free" -lt "$size" ]; then
    say "there is no room: the dump has $(mib "$size") MiB, $(mib "$free") MiB are free, $(mib $((size - free))) MiB are missing"
    return 1
  fi
  copy_from "$folder/vmcore.incomplete" 0 || return
  written=$(stat -c %s "$folder/vmcore.incomplete")
  if [ "$written" -ne "$size" ]; then
    say "$written of $size bytes are in \${folder#/mnt}/vmcore.incomplete"
    return 1
  fi
  mv "$folder/vmcore.incomplete" "$folder/vmcore"
  saved="\${folder#/mnt}/vmcore"
}

# save_raw DEVICE: overwrites a disk from its first byte on. The first block is written last: without it, there is no dump.
save_raw() {
  find_device raw "$1" || return
  room=$(blockdev --getsize64 "$device")
  if [ "$room" -lt "$size" ]; then
    say "there is no room: the dump has $(mib "$size") MiB, $device $(mib "$room") MiB, $(mib $((size - room))) MiB are missing"
    return 1
  fi
  dd if=/dev/zero "of=$device" bs=1M count=1 conv=notrunc,fsync 2>/dev/null
  copy_from "$device" 1 && copy_piece "$device" 0 1 || return
  saved=$device
}

# save KIND VALUE PATH: saves to one target.
save() {
  say "saving to $1=$2\${3:+:$3}"
  if [ "$1" = raw ]; then
    save_raw "$2"
    return
  fi
  mount_target "$1" "$2" || return
  save_file "$3"
  result=$?
  sync
  umount /mnt
  return $result
}

# Saves to the first target that accepts the dump.
save_somewhere() {
  while IFS=$tab read -r kind value path <&3; do
    save "$kind" "$value" "$path" && return
  done 3<"/${CAPTURE_FILES.folder}/${CAPTURE_FILES.targets}"
  return 1
}

say "Linux $(uname -r), $(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo) MiB of memory"
load_modules
if [ ! -e $vmcore ]; then
  say "there is no /proc/vmcore: this kernel was not entered by a crash, or has no CONFIG_PROC_VMCORE"
  say "nothing was saved"
else
  size=$(stat -c %s $vmcore)
  say "a dump of $(mib "$size") MiB"
  saved=
  if save_somewhere; then
    say "saved $size bytes as $saved"
  else
    say "nothing was saved"
  fi
fi

sync
what=$(setting ${CAPTURE_FILES.end})
say "$what"
# The console may still be printing.
sleep 1
if [ "$what" = shell ]; then
  setsid cttyhack sh
  what=reboot
fi
$what -f
while :; do sleep 3600; done
`;
